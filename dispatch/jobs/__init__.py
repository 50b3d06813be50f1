"""What does the clockwork process do?"""
