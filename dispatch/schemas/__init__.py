"""What do the shapes on the wire look like?"""
