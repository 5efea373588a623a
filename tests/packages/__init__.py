"""Published reviews moved into the product, their printed results held against ours."""
