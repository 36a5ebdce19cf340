#include "bot/chart_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/utf8.h"

#define CHARACTERS_MAX 320 /* of one line; far more than fit at any size */
#define ELLIPSIS "…"
#define LINES_MAX 8

/* The first is what we ask Debian for; the others hold what it lacks (Chinese, Japanese, Korean...) where somebody has
 * installed one. cairo's own calls take one font for a whole text, so the choice is made here, for each character. */
static const char *const families[] = {
	"DejaVu Sans", "sans-serif", "Noto Sans CJK JP", "IPAGothic", "VL Gothic", "WenQuanYi Zen Hei", "Noto Sans",
	"Unifont",
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

struct line {
	struct chart_font font;
	cairo_scaled_font_t *fonts[FAMILIES]; /* made when needed */
	size_t count;
	struct letter {
		cairo_glyph_t glyph; /* x: where it begins */
		cairo_scaled_font_t *font;
		double end; /* x where the next one begins */
		bool space;
	} letters[CHARACTERS_MAX];
};

/* The same on every machine: no hinting, no subpixels, whatever its settings say. */
static cairo_scaled_font_t *make_font(const char *family, struct chart_font font)
{
	cairo_font_face_t *face = cairo_toy_font_face_create(family, CAIRO_FONT_SLANT_NORMAL,
	                              font.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_scaled_font_t *made;
	cairo_matrix_t size, identity;

	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_matrix_init_scale(&size, font.size, font.size);
	cairo_matrix_init_identity(&identity);
	made = cairo_scaled_font_create(face, &size, &identity, options);
	cairo_font_options_destroy(options);
	cairo_font_face_destroy(face);
	return made;
}

/* The glyph of one character in one font; false: the font lacks it. */
static bool find_glyph(cairo_scaled_font_t *font, const char *bytes, int length, cairo_glyph_t *glyph)
{
	cairo_glyph_t *glyphs = glyph;
	int count = 1;

	if (cairo_scaled_font_text_to_glyphs(font, 0, 0, bytes, length, &glyphs, &count, NULL, NULL, NULL) !=
	    CAIRO_STATUS_SUCCESS)
		return false;
	if (glyphs != glyph) {
		if (count > 0)
			*glyph = glyphs[0];
		cairo_glyph_free(glyphs);
	}
	return count == 1 && glyph->index != 0;
}

static void add_letter(struct line *line, const char *bytes, int length)
{
	struct letter *letter = &line->letters[line->count];
	double x = line->count > 0 ? line->letters[line->count - 1].end : 0;
	cairo_text_extents_t extents;
	size_t f;

	for (f = 0; f < FAMILIES; f++) {
		if (line->fonts[f] == NULL)
			line->fonts[f] = make_font(families[f], line->font);
		if (find_glyph(line->fonts[f], bytes, length, &letter->glyph))
			break;
	}
	if (f == FAMILIES) { /* nobody has it: the first font's empty box */
		f = 0;
		letter->glyph.index = 0;
	}
	letter->font = line->fonts[f];
	letter->glyph.x = 0;
	letter->glyph.y = 0;
	cairo_scaled_font_glyph_extents(letter->font, &letter->glyph, 1, &extents);
	letter->glyph.x = x;
	letter->end = x + extents.x_advance;
	letter->space = *bytes == ' ';
	line->count++;
}

static void line_make(struct line *line, struct chart_font font, const char *text)
{
	char *clean = utf8_clean(text, true);

	memset(line, 0, sizeof(*line));
	line->font = font;
	for (const char *at = clean; *at != '\0' && line->count < CHARACTERS_MAX - 1;) {
		const char *begin = at;

		(void)utf8_next(&at);
		add_letter(line, begin, (int)(at - begin));
	}
	free(clean);
}

static void line_free(struct line *line)
{
	for (size_t f = 0; f < FAMILIES; f++)
		if (line->fonts[f] != NULL)
			cairo_scaled_font_destroy(line->fonts[f]);
}

static double line_width(const struct line *line)
{
	return line->count > 0 ? line->letters[line->count - 1].end : 0;
}

/* Leaves so much that it fits with the ellipsis; too little room for that leaves nothing. */
static void line_cut(struct line *line, double max_width)
{
	if (line_width(line) <= max_width)
		return;
	do {
		while (line->count > 0 && line->letters[line->count - 1].space)
			line->count--;
		add_letter(line, ELLIPSIS, (int)strlen(ELLIPSIS));
		if (line_width(line) <= max_width)
			return;
		line->count -= line->count > 1 ? 2 : 1;
	} while (line->count > 0);
}

/* Letters [begin, end) with the first one at x. */
static void line_show(cairo_t *cr, const struct line *line, size_t begin, size_t end, double x, double y)
{
	cairo_glyph_t glyphs[CHARACTERS_MAX];
	double shift = begin < end ? x - line->letters[begin].glyph.x : 0;

	while (begin < end) {
		cairo_scaled_font_t *font = line->letters[begin].font;
		int count = 0;

		for (; begin < end && line->letters[begin].font == font; begin++) {
			glyphs[count] = line->letters[begin].glyph;
			glyphs[count].x += shift;
			glyphs[count++].y = y;
		}
		cairo_set_scaled_font(cr, font);
		cairo_show_glyphs(cr, glyphs, count);
	}
}

double chart_text(cairo_t *cr, struct chart_font font, const char *text, double x, double y, double max_width,
                  enum chart_align align)
{
	struct line line;
	double width;

	line_make(&line, font, text);
	line_cut(&line, max_width);
	width = line_width(&line);
	if (align != ALIGN_LEFT)
		x -= align == ALIGN_RIGHT ? width : width / 2;
	line_show(cr, &line, 0, line.count, x, y);
	line_free(&line);
	return width;
}

double chart_text_width(cairo_t *cr, struct chart_font font, const char *text)
{
	struct line line;
	double width;

	(void)cr;
	line_make(&line, font, text);
	width = line_width(&line);
	line_free(&line);
	return width;
}

/* Where the line that begins here ends: behind its last word that fits, or in the middle of a word too long. */
static size_t break_after(const struct line *line, size_t begin, double width)
{
	double limit = line->letters[begin].glyph.x + width;
	size_t end = begin, word = begin;

	while (end < line->count && line->letters[end].end <= limit) {
		end++;
		if (end == line->count || line->letters[end].space)
			word = end;
	}
	return word > begin ? word : end > begin ? end : begin + 1;
}

void chart_text_wrapped(cairo_t *cr, struct chart_font font, const char *text, const struct chart_box *box)
{
	double height = font.size * 1.3;
	size_t max_lines = (size_t)fmax(1, fmin(LINES_MAX, box->height / height));
	size_t begins[LINES_MAX], ends[LINES_MAX], count = 0;
	struct line line;

	line_make(&line, font, text);
	line_cut(&line, box->width * (double)max_lines * 0.9);
	for (size_t at = 0; at < line.count && count < max_lines; count++) {
		while (at + 1 < line.count && line.letters[at].space)
			at++;
		begins[count] = at;
		at = ends[count] = break_after(&line, at, box->width);
	}
	for (size_t i = 0; i < count; i++) {
		double width = line.letters[ends[i] - 1].end - line.letters[begins[i]].glyph.x;
		double top = box->y + (box->height - height * (double)count) / 2;

		line_show(cr, &line, begins[i], ends[i], box->x + (box->width - width) / 2,
		          top + height * (double)i + font.size);
	}
	line_free(&line);
}
