"""What a person can do to tokens: a function each, in one transaction with its audit entry."""
