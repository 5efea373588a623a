"""The folder people write: protocol, strategies, baseline and known items, read and checked."""
