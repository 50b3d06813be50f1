"""Which chores of the repository are done by a program?"""
