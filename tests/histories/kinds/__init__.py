"""What can happen in a history: one function a kind, which tries it where there is occasion.

Each is given the scene and the chances of its event. It finds out how everything stands, chooses,
and has it said through `Scene.does`; where nothing of the kind can be done it does nothing.
"""
