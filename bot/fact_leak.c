/*
 * The instructions' own words, found in a stream of words.
 *
 * A suffix automaton of the instructions' words tells, word by word and in linear time, how many of the last
 * words stand in the instructions in this order. So many are held back; a run of eight or more is replaced as a
 * whole.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/fact_check_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define RUN 8       /* words */
#define WORD_MAX 64 /* bytes; a longer one is none of ours */
#define GAP_MAX 64  /* bytes between two words of a run */
#define BLANKS_MAX 4 /* numbers and the like between two words of a run */
#define NONE ((uint32_t)-1)
#define WITHHELD "[withheld]"

struct edge {
	uint32_t word, to, next; /* next: of the same state */
};

struct state {
	uint32_t length, link, first_edge;
};

struct held {
	size_t from, word, to; /* of leak.text: what stands before the word, the word, its end */
	bool taken, blank; /* blank: nothing of a run, and no end of it */
};

struct fact_leak {
	uint64_t *known; /* hashes of the words, sorted; a word's number is its place */
	size_t known_count;
	struct state *states;
	size_t state_count;
	struct edge *edges;
	size_t edge_count, edge_capacity;
	uint32_t at, matched; /* in the automaton; how many words match */
	struct str text;      /* what is held: whole words with what stands before each */
	struct held *held;
	size_t held_first, held_count, held_capacity;
	struct str part;  /* what came since the last whole word: what stands between, then a word's begin */
	size_t part_word; /* where in it the word begins */
	size_t blanks; /* one after the other */
	bool in_word, too_long, in_run;
	int64_t count;
};

static bool is_part(char c)
{
	return fact_is_letter(c) || fact_is_digit(c);
}

/* The bytes of a character that nobody sees, at `at`: a soft hyphen, a space of no width. */
static size_t invisible(const char *word, size_t length, size_t at)
{
	static const char *const characters[] = { "\u00ad", "\u200b", "\u200c", "\u200d", "\u200e",
						  "\u200f", "\u2060", "\ufeff" };

	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		size_t size = strlen(characters[i]);

		if (length - at >= size && memcmp(word + at, characters[i], size) == 0)
			return size;
	}
	return 0;
}

/* "1. Every 2. piece": numbers and what nobody sees neither make a run nor end it. */
static bool is_blank(const char *word, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t size = fact_is_digit(word[i]) ? 1 : invisible(word, length, i);

		if (size == 0)
			return false;
		i += size;
	}
	return true;
}

static uint64_t hash_of(const char *word, size_t length)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < length; i++) {
		size_t size = invisible(word, length, i);
		char c = word[i];

		if (size > 0) {
			i += size - 1;
			continue;
		}
		hash = (hash ^ (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c)) * 1099511628211u;
	}
	return hash;
}

static int by_hash(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static uint32_t number_of(const struct fact_leak *leak, uint64_t hash)
{
	const uint64_t *found = leak->known_count == 0
				    ? NULL
				    : bsearch(&hash, leak->known, leak->known_count, sizeof(hash), by_hash);

	return found == NULL ? NONE : (uint32_t)(found - leak->known);
}

static struct edge *edge_of(const struct fact_leak *leak, uint32_t state, uint32_t word)
{
	for (uint32_t e = leak->states[state].first_edge; e != NONE; e = leak->edges[e].next)
		if (leak->edges[e].word == word)
			return &leak->edges[e];
	return NULL;
}

static void add_edge(struct fact_leak *leak, uint32_t state, uint32_t word, uint32_t to)
{
	if (leak->edge_count == leak->edge_capacity) {
		leak->edge_capacity = leak->edge_capacity * 2 + 64;
		leak->edges = mem_resize(leak->edges, leak->edge_capacity * sizeof(*leak->edges));
	}
	leak->edges[leak->edge_count] = (struct edge) { word, to, leak->states[state].first_edge };
	leak->states[state].first_edge = (uint32_t)leak->edge_count++;
}

static uint32_t add_state(struct fact_leak *leak, uint32_t length)
{
	leak->states[leak->state_count] = (struct state) { length, NONE, NONE };
	return (uint32_t)leak->state_count++;
}

/* The usual construction (Blumer et al. 1985), with words for letters. */
static uint32_t extend(struct fact_leak *leak, uint32_t last, uint32_t word)
{
	uint32_t now = add_state(leak, leak->states[last].length + 1), p = last, q, clone;

	for (; p != NONE && edge_of(leak, p, word) == NULL; p = leak->states[p].link)
		add_edge(leak, p, word, now);
	if (p == NONE) {
		leak->states[now].link = 0;
		return now;
	}
	q = edge_of(leak, p, word)->to;
	if (leak->states[p].length + 1 == leak->states[q].length) {
		leak->states[now].link = q;
		return now;
	}
	clone = add_state(leak, leak->states[p].length + 1);
	for (uint32_t e = leak->states[q].first_edge; e != NONE; e = leak->edges[e].next)
		add_edge(leak, clone, leak->edges[e].word, leak->edges[e].to);
	leak->states[clone].link = leak->states[q].link;
	for (; p != NONE; p = leak->states[p].link) {
		struct edge *edge = edge_of(leak, p, word);

		if (edge == NULL || edge->to != q)
			break;
		edge->to = clone;
	}
	leak->states[q].link = clone;
	leak->states[now].link = clone;
	return now;
}

static size_t collect(const char *text, uint64_t *words)
{
	size_t count = 0;

	for (const char *at = text; *at != '\0';) {
		size_t length = 0;

		while (is_part(at[length]))
			length++;
		if (length > 0) {
			if (words != NULL)
				words[count] = hash_of(at, length);
			count++;
		}
		at += length > 0 ? length : 1;
	}
	return count;
}

struct fact_leak *fact_leak_new(const char *instructions)
{
	struct fact_leak *leak = mem_alloc(sizeof(*leak));
	const char *text = instructions == NULL ? "" : instructions;
	size_t count = collect(text, NULL);
	uint64_t *words = mem_alloc((count + 1) * sizeof(*words));
	uint32_t last = 0;

	str_init(&leak->text, (size_t)1 << 24);
	str_init(&leak->part, (size_t)1 << 24);
	leak->known = mem_alloc((count + 1) * sizeof(*leak->known));
	leak->states = mem_alloc((2 * count + 2) * sizeof(*leak->states));
	(void)collect(text, words);
	memcpy(leak->known, words, count * sizeof(*words));
	qsort(leak->known, count, sizeof(*leak->known), by_hash);
	for (size_t i = 0; i < count; i++)
		if (leak->known_count == 0 || leak->known[leak->known_count - 1] != leak->known[i])
			leak->known[leak->known_count++] = leak->known[i];
	(void)add_state(leak, 0);
	for (size_t i = 0; i < count; i++)
		last = extend(leak, last, number_of(leak, words[i]));
	free(words);
	return leak;
}

void fact_leak_free(struct fact_leak *leak)
{
	if (leak == NULL)
		return;
	str_free(&leak->text);
	str_free(&leak->part);
	free(leak->known);
	free(leak->states);
	free(leak->edges);
	free(leak->held);
	free(leak);
}

/* How many of the last words match, with this one. */
static void step(struct fact_leak *leak, uint32_t word)
{
	struct edge *edge = NULL;

	if (word == NONE) {
		leak->at = 0;
		leak->matched = 0;
		return;
	}
	while ((edge = edge_of(leak, leak->at, word)) == NULL && leak->states[leak->at].link != NONE) {
		leak->at = leak->states[leak->at].link;
		leak->matched = leak->states[leak->at].length;
	}
	if (edge == NULL) {
		leak->matched = 0;
		return;
	}
	leak->at = edge->to;
	leak->matched++;
}

static void release(struct fact_leak *leak, size_t keep, struct str *out)
{
	for (; leak->held_count > keep; leak->held_count--, leak->held_first++) {
		const struct held *held = &leak->held[leak->held_first];

		if (!held->taken) {
			str_add_bytes(out, leak->text.text + held->from, held->to - held->from);
			leak->in_run = false;
			continue;
		}
		if (leak->in_run)
			continue;
		str_add_bytes(out, leak->text.text + held->from, held->word - held->from);
		str_add(out, WITHHELD);
		leak->in_run = true;
		leak->count++;
	}
	if (leak->held_count == 0) {
		leak->held_first = 0;
		str_clear(&leak->text);
	}
}

/* How many of the held words the last `matched` reach over, with blank ones between them. */
static size_t reach(const struct fact_leak *leak)
{
	size_t count = 0, words = 0;

	while (words < leak->matched && count < leak->held_count) {
		count++;
		words += leak->held[leak->held_first + leak->held_count - count].blank ? 0 : 1;
	}
	return count;
}

static void end_word(struct fact_leak *leak, struct str *out)
{
	const char *word = leak->part.text + leak->part_word;
	size_t length = leak->part.length - leak->part_word, count;
	uint32_t number = length > WORD_MAX ? NONE : number_of(leak, hash_of(word, length));
	bool blank = number == NONE && leak->blanks < BLANKS_MAX && is_blank(word, length);

	if (leak->held_first + leak->held_count == leak->held_capacity) {
		leak->held_capacity = leak->held_capacity * 2 + 32;
		leak->held = mem_resize(leak->held, leak->held_capacity * sizeof(*leak->held));
	}
	leak->blanks = blank ? leak->blanks + 1 : 0;
	if (!blank)
		step(leak, number);
	leak->held[leak->held_first + leak->held_count++] =
	    (struct held) { .from = leak->text.length,
			    .word = leak->text.length + leak->part_word,
			    .to = leak->text.length + leak->part.length,
			    .blank = blank };
	str_add_bytes(&leak->text, leak->part.text, leak->part.length);
	str_clear(&leak->part);
	leak->part_word = 0;
	leak->in_word = false;
	count = reach(leak);
	if (leak->matched >= RUN)
		for (size_t i = 0; i < count; i++)
			leak->held[leak->held_first + leak->held_count - 1 - i].taken = true;
	release(leak, count, out);
}

static void forget(struct fact_leak *leak, struct str *out)
{
	leak->at = 0;
	leak->matched = 0;
	release(leak, 0, out);
	str_add_bytes(out, leak->part.text, leak->part.length);
	str_clear(&leak->part);
	leak->part_word = 0;
}

static void feed_byte(struct fact_leak *leak, char c, struct str *out)
{
	if (leak->too_long) { /* the rest of a word that is none of ours goes through */
		leak->too_long = is_part(c);
		str_add_char(out, c);
		return;
	}
	if (leak->in_word && !is_part(c))
		end_word(leak, out);
	if (is_part(c)) {
		if (!leak->in_word)
			leak->part_word = leak->part.length;
		leak->in_word = true;
		str_add_char(&leak->part, c);
		if (leak->part.length - leak->part_word > WORD_MAX) {
			forget(leak, out);
			leak->in_run = false;
			leak->in_word = false;
			leak->too_long = true;
		}
		return;
	}
	if (leak->held_count == 0) { /* no run can have begun */
		leak->in_run = false;
		str_add_char(out, c);
		return;
	}
	str_add_char(&leak->part, c);
	if (leak->part.length > GAP_MAX)
		forget(leak, out);
}

void fact_leak_feed(struct fact_leak *leak, const char *text, size_t length, struct str *out)
{
	for (size_t i = 0; i < length; i++)
		feed_byte(leak, text[i], out);
}

void fact_leak_flush(struct fact_leak *leak, struct str *out)
{
	if (leak->in_word)
		end_word(leak, out);
	forget(leak, out);
	leak->in_run = false;
	leak->too_long = false;
}

int64_t fact_leak_count(const struct fact_leak *leak)
{
	return leak->count;
}
