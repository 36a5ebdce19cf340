/*
 * picture.h - pictures as a reader of PNG sees them, and how far they are from small golden ones.
 *
 * With TOCSIN_CHARTS=directory every picture that has a name is written there to be looked at, and a new small one
 * beside each golden one (NAME.small.png). Look at NAME.png before the small one goes to tests/unit/golden/.
 */
#ifndef TESTS_UNIT_SUPPORT_PICTURE_H
#define TESTS_UNIT_SUPPORT_PICTURE_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PICTURE_CELLS_TOLERATED 8 /* of 5,000 */

/* The bytes of a chart; cairo_surface_destroy() it. name: under which it is written out; NULL: not. */
cairo_surface_t *picture_read(const unsigned char *png, size_t size, const char *name);
uint32_t picture_pixel(cairo_surface_t *surface, int x, int y); /* 0xRRGGBB */
/* In how many cells it differs from tests/unit/golden/NAME.png; write: a new small one is written out. */
int picture_from_golden(const char *name, cairo_surface_t *surface, bool write);

#endif
