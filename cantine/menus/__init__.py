"""Room menus: services and dishes, served or planned; the grid."""
