"""Through which channels does a message leave the house?"""
