"""What is known about customers: numbers, names, credit codes, tiers."""
