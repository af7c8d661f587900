"""What is read: one module a subject. Everything about cases is narrowed here to what a reader may see."""
