#include "tests/unit/support/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/chart.h"

#define SMALL_WIDTH 100 /* a cell is 12 x 12 pixels of the picture */
#define SMALL_HEIGHT 50
#define CELL 12
#define CELL_TOLERANCE 20 /* of 255: other versions of cairo and FreeType shade edges a little differently */
#define SIZE_MAX_BYTES ((size_t)250 * 1024)

struct input {
	const unsigned char *bytes;
	size_t left;
};

static cairo_status_t give_bytes(void *arg, unsigned char *out, unsigned length)
{
	struct input *input = arg;

	if (length > input->left)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(out, input->bytes, length);
	input->bytes += length;
	input->left -= length;
	return CAIRO_STATUS_SUCCESS;
}

static void write_file(const char *name, const char *kind, const unsigned char *png, size_t size)
{
	const char *directory = getenv("TOCSIN_CHARTS");
	char path[512];
	FILE *file;

	if (directory == NULL || name == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s%s", directory, name, kind);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(png, 1, size, file), size);
	(void)fclose(file);
}

cairo_surface_t *picture_read(const unsigned char *png, size_t size, const char *name)
{
	struct input input = { png, size };
	cairo_surface_t *surface;

	assert_true(size <= SIZE_MAX_BYTES);
	write_file(name, ".png", png, size);
	surface = cairo_image_surface_create_from_png_stream(give_bytes, &input);
	assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
	assert_int_equal(cairo_image_surface_get_width(surface), CHART_WIDTH);
	assert_int_equal(cairo_image_surface_get_height(surface), CHART_HEIGHT);
	return surface;
}

uint32_t picture_pixel(cairo_surface_t *surface, int x, int y)
{
	const unsigned char *row = cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
	uint32_t value;

	memcpy(&value, row + x * 4, sizeof(value));
	return value & 0xFFFFFF;
}

static cairo_surface_t *shrink(cairo_surface_t *surface)
{
	cairo_surface_t *small = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SMALL_WIDTH, SMALL_HEIGHT);

	for (int y = 0; y < SMALL_HEIGHT; y++) {
		unsigned char *row = cairo_image_surface_get_data(small) + y * cairo_image_surface_get_stride(small);

		for (int x = 0; x < SMALL_WIDTH; x++) {
			uint32_t sums[3] = { 0 }, mean = 0;

			for (int i = 0; i < CELL * CELL; i++) {
				uint32_t value = picture_pixel(surface, x * CELL + i % CELL, y * CELL + i / CELL);

				for (int c = 0; c < 3; c++)
					sums[c] += value >> (8 * c) & 0xFF;
			}
			for (int c = 0; c < 3; c++)
				mean |= sums[c] / (CELL * CELL) << (8 * c);
			memcpy(row + x * 4, &mean, sizeof(mean));
		}
	}
	cairo_surface_mark_dirty(small);
	return small;
}

/* Cells in which two small pictures differ. */
static int difference(cairo_surface_t *a, cairo_surface_t *b)
{
	int count = 0;

	for (int y = 0; y < SMALL_HEIGHT; y++)
		for (int x = 0; x < SMALL_WIDTH; x++) {
			uint32_t left = picture_pixel(a, x, y), right = picture_pixel(b, x, y);
			int most = 0;

			for (int c = 0; c < 24; c += 8) {
				int apart = abs((int)(left >> c & 0xFF) - (int)(right >> c & 0xFF));

				most = apart > most ? apart : most;
			}
			count += most > CELL_TOLERANCE;
		}
	return count;
}

static cairo_status_t take_small(void *arg, const unsigned char *bytes, unsigned length)
{
	return fwrite(bytes, 1, length, arg) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void write_small(const char *name, cairo_surface_t *small)
{
	const char *directory = getenv("TOCSIN_CHARTS");
	char path[512];
	FILE *file;

	if (directory == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s.small.png", directory, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(cairo_surface_write_to_png_stream(small, take_small, file), CAIRO_STATUS_SUCCESS);
	(void)fclose(file);
}

int picture_from_golden(const char *name, cairo_surface_t *surface, bool write)
{
	cairo_surface_t *golden, *small = shrink(surface);
	char path[256];
	int cells;

	if (write)
		write_small(name, small);
	(void)snprintf(path, sizeof(path), "tests/unit/golden/%s.png", name);
	golden = cairo_image_surface_create_from_png(path);
	if (cairo_surface_status(golden) != CAIRO_STATUS_SUCCESS)
		fail_msg("%s: %s", path, cairo_status_to_string(cairo_surface_status(golden)));
	cells = difference(golden, small);
	cairo_surface_destroy(golden);
	cairo_surface_destroy(small);
	return cells;
}
