"""The door: what people and programs may ask of Baton, one method a use case."""
