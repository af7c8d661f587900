"""Who signs in, and how that is kept safe."""
