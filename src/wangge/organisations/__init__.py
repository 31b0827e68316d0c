"""组织岗位: the organisation tree, posts, appointments; authority: who may do what, where."""
