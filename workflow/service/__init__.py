"""The door: what can be done with Baton, one method a use case, one transaction each."""
