"""HTML that Python draws: the rows and bubbles of which a page has fifty, each with thirty parts.
A template takes five times as long for them. Whatever comes from a message is escaped here.
"""
