"""What auditors want to hold in all histories, looked for in them, and what does not."""
