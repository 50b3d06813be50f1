"""What is the circle asked for, and how does what it shows become a file?"""
