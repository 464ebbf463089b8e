"""Listening: one connection an account, for as long as nobody else wants it.

`listening` is one turn on the connection, `turns` takes them one after the other in a process of
its own for each account, `children` starts and watches those. `sequence` puts events in order,
`claims` is the right to write what was heard, `store` what is kept of it.
"""
