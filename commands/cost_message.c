#include "commands/cost_message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define ROWS_SHOWN 15
#define TABLE_MAX (16u << 10)
#define DAY_MS (24 * 3600 * 1000LL)
#define MONTH_WORD_MAX 40

/* --- which month --- */

static bool first_of(const char *year_month, int64_t *month_ms)
{
	char iso[CLOCK_TEXT_SIZE];

	(void)snprintf(iso, sizeof(iso), "%.7s-01T00:00:00Z", year_month);
	return strlen(year_month) >= 7 && clock_parse_iso(iso, month_ms);
}

static int64_t this_month(void)
{
	char now[CLOCK_TEXT_SIZE];
	int64_t month_ms = 0;

	clock_format_iso(clock_wall_ms(), now);
	(void)first_of(now, &month_ms);
	return month_ms;
}

/* The first moment of the month that a moment lies in. */
static int64_t month_of(int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t month_ms = ms;

	clock_format_iso(ms, text);
	(void)first_of(text, &month_ms);
	return month_ms;
}

static bool read_month(const char *words, int64_t *month_ms)
{
	if (words == NULL || words[0] == '\0' || strcasecmp(words, "this month") == 0) {
		*month_ms = this_month();
		return true;
	}
	if (strcasecmp(words, "last month") == 0) {
		*month_ms = month_of(this_month() - DAY_MS);
		return true;
	}
	return strlen(words) == 7 && first_of(words, month_ms);
}

static const char *month_name(struct message *message, int64_t month_ms)
{
	static const char *const names[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	                                     "September", "October", "November", "December" };
	char iso[CLOCK_TEXT_SIZE];

	clock_format_iso(month_ms, iso);
	return mem_printf(&message->mem, "%s %.4s", names[(strtol(iso + 5, NULL, 10) + 11) % 12], iso);
}

/* --- the table --- */

struct report {
	struct budget_row *rows; /* dearest first */
	size_t count;
	struct budget_row total, rest; /* rest: of the rows that are not shown */
	const char *persons[ROWS_SHOWN]; /* by number; whoever stands in a row that is shown */
	size_t person_count;
};

static void add(struct budget_row *sum, const struct budget_row *row)
{
	sum->uses += row->uses;
	sum->guessed += row->guessed;
	sum->unpriced += row->unpriced;
	sum->tokens.input += row->tokens.input;
	sum->tokens.output += row->tokens.output;
	sum->tokens.cache_read += row->tokens.cache_read;
	sum->tokens.cache_write += row->tokens.cache_write;
	sum->dollars += row->dollars;
}

static void take_row(void *arg, const struct budget_row *row)
{
	struct report *report = arg;

	add(&report->total, row);
	if (report->count >= ROWS_SHOWN)
		add(&report->rest, row);
	report->rows = mem_resize(report->rows, (report->count + 1) * sizeof(*report->rows));
	report->rows[report->count++] = *row;
}

/* Ids differ in length, and are long: people get numbers, which are explained below. */
static const char *mark_of(struct message *message, struct report *report, const char *person)
{
	size_t i = 0;

	if (person == NULL)
		return "-";
	while (i < report->person_count && strcmp(report->persons[i], person) != 0)
		i++;
	if (i == report->person_count)
		report->persons[report->person_count++] = person;
	return mem_printf(&message->mem, "%zu", i + 1);
}

static const char *kind_name(const char *kind)
{
	if (strcmp(kind, BUDGET_QUESTION) == 0)
		return "questions";
	return strcmp(kind, BUDGET_SUMMARY) == 0 ? "summaries" : kind;
}

#define TOKENS_SIZE 24

static const char *tokens_text(int64_t tokens, char out[TOKENS_SIZE])
{
	if (tokens < 10000)
		(void)snprintf(out, TOKENS_SIZE, "%lld", (long long)tokens);
	else if (tokens < 999950)
		(void)snprintf(out, TOKENS_SIZE, "%.1fk", (double)tokens / 1e3);
	else
		(void)snprintf(out, TOKENS_SIZE, "%.2fM", (double)tokens / 1e6);
	return out;
}

static void add_row(struct str *table, const char *mark, const char *kind, const struct budget_row *row)
{
	char input[TOKENS_SIZE], read[TOKENS_SIZE], written[TOKENS_SIZE], output[TOKENS_SIZE];

	str_addf(table, "%-2s %-9s %6lld %8s %10s %8s %8s %11.4f\n", mark, kind, (long long)row->uses,
	         tokens_text(row->tokens.input, input), tokens_text(row->tokens.cache_read, read),
	         tokens_text(row->tokens.cache_write, written), tokens_text(row->tokens.output, output), row->dollars);
}

static void add_table(struct message *message, struct report *report)
{
	struct str table;

	str_init(&table, TABLE_MAX);
	str_add(&table, "#  for        calls    input from cache to cache   output           $\n");
	for (size_t i = 0; i < report->count && i < ROWS_SHOWN; i++)
		add_row(&table, mark_of(message, report, report->rows[i].person), kind_name(report->rows[i].kind),
		        &report->rows[i]);
	if (report->rest.uses > 0)
		add_row(&table, "", "others", &report->rest);
	add_row(&table, "", "total", &report->total);
	table.text[table.length - 1] = '\0'; /* the last line break */
	message_code(message, table.text);
	str_free(&table);
}

/* By the chat's ids: naming people calls them, wherever in a message it is done. */
static void add_persons(struct message *message, const struct report *report)
{
	struct message_line *line = message_context(message);

	for (size_t i = 0; i < report->person_count; i++) {
		message_say(message, line, "%s%zu ", i == 0 ? "" : " · ", i + 1);
		message_inline_code(message, line, report->persons[i]);
	}
	for (size_t i = 0; i < report->count && i < ROWS_SHOWN; i++)
		if (report->rows[i].person == NULL) {
			message_say(message, line, "%s- tocsin itself", report->person_count == 0 ? "" : " · ");
			break;
		}
}

/* --- the rest --- */

static const char *dollars(struct message *message, double amount)
{
	char text[BUDGET_DOLLARS_SIZE];

	budget_dollars(amount, text);
	return mem_strdup(&message->mem, text);
}

static const char *today_words(struct message *message, const struct bot *bot)
{
	double ceiling = bot->config->bedrock.max_cost_per_day, used = budget_today(bot->budget);

	if (isnan(ceiling))
		return mem_printf(&message->mem, "%s, without a ceiling", dollars(message, used));
	return mem_printf(&message->mem, "%s of %s", dollars(message, used), dollars(message, ceiling));
}

static void add_today(struct message *message, const struct bot *bot)
{
	double aside = budget_set_aside(bot->budget);
	struct message_line *line = message_field(message, "Today");

	message_say(message, line, "%s", today_words(message, bot));
	if (aside > 0)
		message_say(message, line, "; %s set aside for calls under way", dollars(message, aside));
}

static const char *calls(struct message *message, int64_t count)
{
	return mem_printf(&message->mem, "%lld call%s", (long long)count, count == 1 ? "" : "s");
}

static void add_notes(struct message *message, const struct report *report)
{
	if (report->total.unpriced > 0)
		message_say(message, message_paragraph(message), "⚠️ %s of a model without a price: only the tokens "
		            "count. Add the model to bedrock.prices.", calls(message, report->total.unpriced));
	if (report->total.guessed > 0)
		message_say(message, message_paragraph(message), "⚠️ %s broke off before the tokens were told: "
		            "counted as the most that can have been charged.", calls(message, report->total.guessed));
}

static void say_no_month(struct message *message, const char *month)
{
	struct message_line *line;
	char *clean = utf8_clean(month, true), *word = utf8_shorten(clean, MONTH_WORD_MAX);

	message_text(message, "I do not know that month");
	line = message_paragraph(message);
	message_say(message, line, "I do not know the month ");
	message_inline_code(message, line, word);
	message_say(message, line, ": write ");
	message_inline_code(message, line, "cost 2026-10");
	message_say(message, line, ", ");
	message_inline_code(message, line, "cost last month");
	message_say(message, line, ", or just ");
	message_inline_code(message, line, "cost");
	message_say(message, line, ".");
	free(word);
	free(clean);
}

static void say_nothing(struct message *message, const struct bot *bot, const char *name, bool now)
{
	message_text(message, "The model cost nothing in %s%s", name, now ? " so far" : "");
	message_say(message, message_paragraph(message), "Nothing%s.%s", now ? " so far" : "",
	            bot->config->bedrock.model == NULL ? " No model is configured (section bedrock): findings speak "
	                                                 "without one." : "");
}

void cost_message(struct message *message, const struct bot *bot, const char *month)
{
	struct report report = { 0 };
	const char *name, *sum;
	int64_t month_ms;
	bool now;

	message_init(message, TONE_NEUTRAL);
	if (!read_month(month, &month_ms)) {
		say_no_month(message, month);
		return;
	}
	now = month_ms == this_month();
	name = month_name(message, month_ms);
	message_headline(message, "What the model cost in %s", name);
	budget_month(bot->budget, month_ms, take_row, &report);
	sum = dollars(message, report.total.dollars);
	if (report.count == 0)
		say_nothing(message, bot, name, now);
	else
		message_text(message, "The model cost %s in %s%s, for %s", sum, name, now ? " so far" : "",
		             calls(message, report.total.uses));
	if (report.count > 0)
		message_say(message, message_field(message, now ? "So far" : "Sum"), "%s for %s", sum,
		            calls(message, report.total.uses));
	if (now)
		add_today(message, bot);
	if (report.count > 0) {
		add_table(message, &report);
		add_notes(message, &report);
		add_persons(message, &report);
	}
	message_say(message, message_context(message), "Days and months are UTC; prices are those of bedrock.prices.");
	free(report.rows);
}
