"""The documents that are published: what each holds, made from known facts; pure. The name of a file is its shape."""
