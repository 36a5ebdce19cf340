/*
 * The stream: bytes become sentences, sentences are judged.
 *
 * What comes out depends on the bytes alone, not on how they are cut: everything is decided byte by byte. Words
 * are shown as they come until the first one of a sentence that may be part of a fact or claim a cause; from
 * there the sentence is held until it ends, because its subject, its unit or its time may stand behind the
 * figure.
 */
#include "bot/fact_check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/fact_check_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define FENCE_MARKS_MAX 40 /* told behind a block of code */

struct fact_check {
	const struct evidence *evidence;
	struct fact_leak *leak;
	struct fact_judge *judge;
	struct fact_check_counts counts;
	struct str passed; /* from the leak's stage */
	struct str sentence;
	size_t shown; /* bytes of the sentence that are out */
	size_t word;  /* where its last word begins */
	bool hold;
	bool line_begins; /* the sentence is the first of its line */
	bool blank;       /* the line has had nothing but spaces */
	char fence;       /* '`' or '~' while in a block of code */
	struct str fence_marks;
	size_t fence_count;
	struct fact_edits edits;
};

struct fact_check *fact_check_new(const struct evidence *evidence, const char *instructions)
{
	struct fact_check *check = mem_alloc(sizeof(*check));

	check->evidence = evidence;
	check->leak = instructions == NULL ? NULL : fact_leak_new(instructions);
	check->judge = fact_judge_new(evidence);
	check->line_begins = true;
	check->blank = true;
	str_init(&check->passed, (size_t)1 << 26);
	str_init(&check->sentence, 2 * FACT_CHECK_SENTENCE_MAX);
	str_init(&check->fence_marks, 8192);
	return check;
}

void fact_check_free(struct fact_check *check)
{
	if (check == NULL)
		return;
	fact_leak_free(check->leak);
	fact_judge_free(check->judge);
	str_free(&check->passed);
	str_free(&check->sentence);
	str_free(&check->fence_marks);
	free(check);
}

/* Kept in the order of their places. */
void fact_edits_add(struct fact_edits *edits, struct fact_edit edit)
{
	size_t i;

	if (edits->count == sizeof(edits->items) / sizeof(edits->items[0]))
		return;
	for (i = 0; i < edits->count; i++) /* one mark for what stands in the same code or link */
		if (edits->items[i].at == edit.at && edits->items[i].take == edit.take)
			return;
	for (i = edits->count; i > 0 && edits->items[i - 1].at > edit.at; i--)
		edits->items[i] = edits->items[i - 1];
	edits->items[i] = edit;
	edits->count++;
}

static void emit(struct fact_check *check, size_t to, struct str *out)
{
	if (to <= check->shown)
		return;
	str_add_bytes(out, check->sentence.text + check->shown, to - check->shown);
	check->shown = to;
}

static void emit_edited(struct fact_check *check, struct str *out)
{
	for (size_t i = 0; i < check->edits.count; i++) {
		const struct fact_edit *edit = &check->edits.items[i];

		if (edit->at < check->shown)
			continue;
		emit(check, edit->at, out);
		str_add(out, edit->text);
		check->shown = edit->at + edit->take;
	}
	emit(check, check->sentence.length, out);
}

/* What is not in the data of a block of code is told behind the block. */
static void keep_fence_marks(struct fact_check *check)
{
	for (size_t i = 0; i < check->edits.count && check->fence_count < FENCE_MARKS_MAX; i++) {
		const struct fact_edit *edit = &check->edits.items[i];

		if (edit->take > 0)
			continue;
		str_add(&check->fence_marks, check->fence_count > 0 ? ", " : "");
		str_add_bytes(&check->fence_marks, check->sentence.text + edit->begin, edit->at - edit->begin);
		str_add(&check->fence_marks, FACT_CHECK_MARK);
		check->fence_count++;
	}
}

/* "```" or "~~~" at a line's begin. */
static char fence_of(const struct fact_check *check)
{
	const char *text = check->sentence.text;
	size_t at = strspn(text, " ");

	if (!check->line_begins || at > 3)
		return '\0';
	if (strncmp(text + at, "```", 3) == 0)
		return '`';
	return strncmp(text + at, "~~~", 3) == 0 ? '~' : '\0';
}

static void next_sentence(struct fact_check *check)
{
	bool line_ended =
	    check->sentence.length > 0 && check->sentence.text[check->sentence.length - 1] == '\n';

	if (line_ended && check->line_begins && check->blank)
		fact_judge_paragraph(check->judge);
	check->line_begins = line_ended;
	check->blank = line_ended;
	str_clear(&check->sentence);
	check->shown = 0;
	check->word = 0;
	check->hold = false;
}

static void end_sentence(struct fact_check *check, struct str *out)
{
	char fence = fence_of(check);

	check->edits.count = 0;
	if (fence != '\0' && (check->fence == '\0' || check->fence == fence)) {
		check->fence = check->fence == '\0' ? fence : '\0';
		emit(check, check->sentence.length, out);
		if (check->fence == '\0' && check->fence_count > 0) {
			bool ended = check->sentence.text[check->sentence.length - 1] == '\n';

			str_add(out, ended ? "" : "\n");
			str_add_bytes(out, check->fence_marks.text, check->fence_marks.length);
			str_add(out, "\n");
			str_clear(&check->fence_marks);
			check->fence_count = 0;
		}
		next_sentence(check);
		return;
	}
	fact_judge_sentence(check->judge, check->sentence.text, check->sentence.length, &check->edits,
			    &check->counts);
	if (check->fence != '\0') {
		keep_fence_marks(check);
		check->edits.count = 0;
	} else {
		check->counts.softened += (int64_t)fact_cause_soften(check->evidence, check->sentence.text,
								     check->sentence.length, &check->edits);
	}
	emit_edited(check, out);
	next_sentence(check);
}

/* "approx.", "e.g.", "Nov.": the sentence goes on. */
static bool is_abbreviation(const char *text, size_t end)
{
	static const char *const words[] = { "approx", "ca",  "e.g",  "i.e",  "vs",  "etc",  "min",
					     "sec",    "max", "avg",  "no",   "nr",  "z.b",  "bzw",
					     "mio",    "mrd", "p.m",  "a.m",  "jan", "feb",  "mar",
					     "apr",    "jun", "jul",  "aug",  "sep", "sept", "oct",
					     "nov",    "dec", "okt",  "dez",  "d.h", "env",  "aprox",
					     "std",    "cf",  "incl", "resp", "fig", "ggf",  "u.a" };
	size_t begin = end;

	while (begin > 0 && !fact_is_space(text[begin - 1]) && text[begin - 1] != '(')
		begin--;
	/* "It took 43 min. Memory rose": behind a figure a unit ends the sentence. */
	if (begin > 1 && text[begin - 1] == ' ' && fact_is_digit(text[begin - 2]) && end - begin == 3 &&
	    (strncasecmp(text + begin, "min", 3) == 0 || strncasecmp(text + begin, "sec", 3) == 0))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == end - begin && strncasecmp(words[i], text + begin, end - begin) == 0)
			return true;
	return false;
}

/* "1." at the begin of a line, "26. November": a number and a period, no end. */
static bool is_number_with_period(const struct fact_check *check, size_t end)
{
	const char *text = check->sentence.text;
	size_t begin = end;

	while (begin > 0 && fact_is_digit(text[begin - 1]))
		begin--;
	return begin < end && end - begin <= 2 && strspn(text, " \t*#>-_") >= begin && check->line_begins;
}

/* At a space: whether what stands before it ends a sentence. */
static bool is_end(const struct fact_check *check)
{
	const char *text = check->sentence.text;
	size_t end = check->sentence.length - 1;

	while (end > 0 && strchr("*_)\"'`]", text[end - 1]) != NULL)
		end--;
	if (end == 0 || (text[end - 1] != '.' && text[end - 1] != '!' && text[end - 1] != '?'))
		return false;
	return !is_abbreviation(text, end - 1) && !is_number_with_period(check, end - 1);
}

static bool is_wide_end(const struct str *sentence)
{
	const char *end = sentence->text + sentence->length - 3;

	return sentence->length >= 3 &&
	       (memcmp(end, "。", 3) == 0 || memcmp(end, "！", 3) == 0 || memcmp(end, "？", 3) == 0);
}

/* Up to the first word from which on a phrase of a cause may be under way. */
static void emit_words(struct fact_check *check, struct str *out)
{
	size_t length = check->sentence.length;

	for (size_t at = check->shown; at < length;) {
		const char *word = check->sentence.text + at, *space = memchr(word, ' ', length - at);
		enum fact_cause cause = fact_cause_at(word, length - at);

		check->hold = cause == FACT_CAUSE_TOLD;
		if (cause != FACT_CAUSE_NONE)
			return;
		at = space == NULL ? length : (size_t)(space - check->sentence.text) + 1;
		emit(check, at, out);
	}
}

static void end_word(struct fact_check *check, struct str *out)
{
	const char *word = check->sentence.text + check->word;
	size_t length = check->sentence.length - 1 - check->word;

	if (!check->hold && length > 0)
		check->hold = check->fence != '\0' || fact_read_may_use(word, length);
	check->word = check->sentence.length;
	if (!check->hold)
		emit_words(check, out);
}

static void feed_byte(struct fact_check *check, char c, struct str *out)
{
	bool is_full = check->sentence.length >= FACT_CHECK_SENTENCE_MAX;

	if (is_full && (c & 0xC0) != 0x80) /* never within a character */
		if (check->sentence.length >= FACT_CHECK_SENTENCE_MAX + 64 || fact_is_space(c))
			end_sentence(check, out);
	str_add_char(&check->sentence, c);
	check->blank = check->blank && fact_is_space(c);
	if (c == '\n') {
		end_word(check, out);
		end_sentence(check, out);
		return;
	}
	if (fact_is_space(c)) {
		end_word(check, out);
		if (check->fence == '\0' && is_end(check))
			end_sentence(check, out);
		return;
	}
	if (check->fence == '\0' && is_wide_end(&check->sentence))
		end_sentence(check, out);
}

static void pass_on(struct fact_check *check, struct str *out)
{
	for (size_t i = 0; i < check->passed.length; i++)
		feed_byte(check, check->passed.text[i], out);
	str_clear(&check->passed);
}

void fact_check_feed(struct fact_check *check, const char *text, size_t length, struct str *out)
{
	if (check->leak == NULL)
		str_add_bytes(&check->passed, text, length);
	else
		fact_leak_feed(check->leak, text, length, &check->passed);
	pass_on(check, out);
}

void fact_check_flush(struct fact_check *check, struct str *out)
{
	if (check->leak != NULL)
		fact_leak_flush(check->leak, &check->passed);
	pass_on(check, out);
	if (check->sentence.length > 0)
		end_sentence(check, out);
}

void fact_check_counts(const struct fact_check *check, struct fact_check_counts *counts)
{
	*counts = check->counts;
	counts->withheld = check->leak == NULL ? 0 : fact_leak_count(check->leak);
}
