"""The log over all histories: sealing, checkpoints, proofs, and the verification of everything."""
