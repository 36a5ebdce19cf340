#include "bot/budget.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/budget_store.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"

#define DAY_MS BUDGET_STORE_DAY_MS
#define MILLION 1e6
/*
 * Tokens of a request are at most its bytes: every tokenizer in use makes tokens of whole bytes or more. Nothing
 * tighter holds for all models and texts: English has four bytes a token, but tables of numbers (a digit a token
 * with some models), ids in hexadecimal and rare scripts (a byte a token) come close to one. What services add of
 * their own is not in the request (Anthropic's models get 300 to 700 tokens about tools): the rest.
 */
#define ADDED_TOKENS 1000
#define TOKENS_MAX 1000000000000LL /* more than any answer has: what is told comes from outside */
#define ROUNDING 1e-9              /* dollars; of sums */

struct budget {
	struct bot *bot;
	struct budget_store store;
};

/* --- prices --- */

static const struct config_price *price_of(const struct config *config, const char *model)
{
	for (size_t i = 0; model != NULL && i < config->bedrock.price_count; i++)
		if (strcmp(config->bedrock.prices[i].model, model) == 0)
			return &config->bedrock.prices[i];
	return NULL;
}

static double or_else(double number, double instead)
{
	return isnan(number) ? instead : number;
}

static void set_prices(struct budget_reservation *reservation, const struct config_price *price)
{
	reservation->price_input = price == NULL ? (double)NAN : price->input;
	reservation->price_output = price == NULL ? (double)NAN : price->output;
	reservation->price_cache_read = price == NULL ? (double)NAN : or_else(price->cache_read, price->input);
	reservation->price_cache_write = price == NULL ? (double)NAN : or_else(price->cache_write, price->input);
}

/* NaN: there is no price. */
static double cost_of(const struct budget_reservation *reservation, const struct budget_tokens *tokens)
{
	return ((double)tokens->input * reservation->price_input + (double)tokens->output * reservation->price_output +
	        (double)tokens->cache_read * reservation->price_cache_read +
	        (double)tokens->cache_write * reservation->price_cache_write) /
	       MILLION;
}

double budget_price(const struct config *config, const struct budget_tokens *tokens)
{
	struct budget_reservation prices = { 0 };

	set_prices(&prices, price_of(config, config->bedrock.model));
	return cost_of(&prices, tokens);
}

void budget_dollars(double dollars, char out[BUDGET_DOLLARS_SIZE])
{
	if (dollars > 0 && dollars < 0.0001)
		(void)snprintf(out, BUDGET_DOLLARS_SIZE, "under $0.0001");
	else
		(void)snprintf(out, BUDGET_DOLLARS_SIZE, dollars > 0 && dollars < 0.1 ? "$%.4f" : "$%.2f", dollars);
}

/* --- sums --- */

static int64_t today(void)
{
	return clock_wall_ms() / DAY_MS;
}

static double spent_on(const struct budget *budget, int64_t day)
{
	double sum = 0;

	for (const struct budget_cost *cost = budget->store.costs; cost != NULL; cost = cost->next)
		sum += cost->day == day ? cost->dollars : 0;
	return sum;
}

static double set_aside_on(const struct budget *budget, int64_t day)
{
	double sum = 0;

	for (const struct budget_reservation *r = budget->store.reservations; r != NULL; r = r->next)
		sum += r->day == day ? r->dollars : 0;
	return sum;
}

double budget_today(const struct budget *budget)
{
	return spent_on(budget, today()) + set_aside_on(budget, today());
}

double budget_set_aside(const struct budget *budget)
{
	double sum = 0;

	for (const struct budget_reservation *r = budget->store.reservations; r != NULL; r = r->next)
		sum += r->dollars;
	return sum;
}

double budget_answer(const struct budget *budget, const char *answer)
{
	const struct budget_answer *known = budget_store_find_answer(&budget->store, answer);
	double sum = known == NULL ? 0 : known->dollars;

	for (const struct budget_reservation *r = budget->store.reservations; r != NULL; r = r->next)
		sum += r->answer != NULL && strcmp(r->answer, answer) == 0 ? r->dollars : 0;
	return sum;
}

/* --- before a call --- */

static int64_t input_tokens(const struct budget *budget, const struct budget_request *request, const char *model)
{
	const struct budget_answer *answer = NULL;

	if (request->answer != NULL && request->extends != NULL)
		answer = budget_store_find_answer(&budget->store, request->answer);
	if (answer == NULL || answer->last_id == NULL || strcmp(answer->last_id, request->extends) != 0 ||
	    strcmp(answer->last_model, model) != 0 || answer->last_bytes > request->input_bytes)
		return request->input_bytes + ADDED_TOKENS;
	return answer->last_tokens + request->input_bytes - answer->last_bytes;
}

/* All of the input at the dearest of its prices: what the cache takes is not known before. */
static double most(const struct budget_reservation *r)
{
	double input = fmax(r->price_input, fmax(r->price_cache_read, r->price_cache_write));

	return or_else(((double)r->input * input + (double)r->output * r->price_output) / MILLION, 0);
}

static struct budget_reservation *make_reservation(const struct budget *budget, const struct budget_request *request)
{
	const struct config *config = budget->bot->config;
	struct budget_reservation *reservation = mem_alloc(sizeof(*reservation));

	reservation->id = mem_copy_string(request->id);
	reservation->kind = mem_copy_string(request->kind);
	reservation->model = mem_copy_string(config->bedrock.model);
	reservation->person = mem_copy_string(request->person);
	reservation->answer = mem_copy_string(request->answer);
	reservation->day = today();
	reservation->bytes = request->input_bytes;
	reservation->input = input_tokens(budget, request, config->bedrock.model);
	reservation->output = request->output_tokens;
	set_prices(reservation, price_of(config, config->bedrock.model));
	reservation->dollars = most(reservation);
	return reservation;
}

static bool is_above(double sum, double ceiling)
{
	return sum > ceiling + ROUNDING; /* never, when there is no ceiling (NaN) */
}

static bool fits_answer(const struct budget *budget, const struct budget_reservation *wanted, struct err *err)
{
	double ceiling = budget->bot->config->bedrock.max_cost_per_answer;
	double spent = wanted->answer == NULL ? 0 : budget_answer(budget, wanted->answer);
	char limit[BUDGET_DOLLARS_SIZE], so_far[BUDGET_DOLLARS_SIZE], more[BUDGET_DOLLARS_SIZE];

	if (wanted->answer == NULL || !is_above(spent + wanted->dollars, ceiling))
		return true;
	metrics_count("tocsin_budget_refused_total", "ceiling", "answer");
	budget_dollars(ceiling, limit);
	budget_dollars(spent, so_far);
	budget_dollars(wanted->dollars, more);
	return err_set(err, ERR_REFUSED, "the ceiling of %s an answer: %s is used, and asking the model would take up "
	               "to %s more; ask about less, or raise bedrock.max_cost_per_answer", limit, so_far, more);
}

static bool fits_day(const struct budget *budget, const struct budget_reservation *wanted, struct err *err)
{
	double ceiling = budget->bot->config->bedrock.max_cost_per_day;
	double spent = spent_on(budget, wanted->day), aside = set_aside_on(budget, wanted->day);
	char limit[BUDGET_DOLLARS_SIZE], so_far[BUDGET_DOLLARS_SIZE], kept[BUDGET_DOLLARS_SIZE];
	char more[BUDGET_DOLLARS_SIZE], wait[CLOCK_TEXT_SIZE];

	if (!is_above(spent + aside + wanted->dollars, ceiling))
		return true;
	metrics_count("tocsin_budget_refused_total", "ceiling", "day");
	budget_dollars(ceiling, limit);
	budget_dollars(spent, so_far);
	budget_dollars(aside, kept);
	budget_dollars(wanted->dollars, more);
	clock_format_duration((wanted->day + 1) * DAY_MS - clock_wall_ms(), wait);
	if (is_above(wanted->dollars, ceiling))
		return err_set(err, ERR_REFUSED, "the ceiling of %s a day: asking the model this once would take up to "
		               "%s; ask about less, or raise bedrock.max_cost_per_day", limit, more);
	return err_set(err, ERR_REFUSED, "the ceiling of %s a day: %s is spent, %s set aside, and asking the model "
	               "would take up to %s; there is money again at 00:00 UTC, in %s",
	               limit, so_far, kept, more, wait);
}

bool budget_reserve(struct budget *budget, const struct budget_request *request, struct err *err)
{
	struct budget_reservation *reservation;

	if (budget->bot->config->bedrock.model == NULL)
		return err_set(err, ERR_REFUSED, "no model is configured: add bedrock.model");
	if (budget_store_find(&budget->store, request->id) != NULL)
		return true;
	reservation = make_reservation(budget, request);
	if (!fits_answer(budget, reservation, err) || !fits_day(budget, reservation, err)) {
		budget_store_free_reservation(reservation);
		return false;
	}
	budget_store_add(&budget->store, reservation);
	return true;
}

/* --- after it --- */

/* Metrics keep their label: only what is written here may be one. */
static const char *label_of(const char *kind)
{
	static const char *const known[] = { BUDGET_QUESTION, BUDGET_SUMMARY };

	for (size_t i = 0; kind != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(kind, known[i]) == 0)
			return known[i];
	return "other";
}

static void count(const struct budget_reservation *reservation, const struct budget_tokens *tokens, double dollars)
{
	const char *kind = label_of(reservation->kind);

	metrics_add("tocsin_budget_input_tokens_total", "kind", kind, tokens->input);
	metrics_add("tocsin_budget_cache_read_tokens_total", "kind", kind, tokens->cache_read);
	metrics_add("tocsin_budget_cache_write_tokens_total", "kind", kind, tokens->cache_write);
	metrics_add("tocsin_budget_output_tokens_total", "kind", kind, tokens->output);
	metrics_add("tocsin_budget_microdollars_total", "kind", kind, (int64_t)llround(dollars * MILLION));
}

static void add_cost(struct budget *budget, const struct budget_reservation *reservation,
                     const struct budget_tokens *tokens, bool guessed, double dollars)
{
	struct budget_cost *cost = budget_store_cost(&budget->store, reservation);

	cost->uses++;
	cost->guessed += guessed ? 1 : 0;
	cost->unpriced += isnan(reservation->price_input) ? 1 : 0;
	cost->input += tokens->input;
	cost->output += tokens->output;
	cost->cache_read += tokens->cache_read;
	cost->cache_write += tokens->cache_write;
	cost->dollars += dollars;
	budget_store_put_cost(&budget->store, cost);
}

static void add_to_answer(struct budget *budget, const struct budget_reservation *reservation,
                          const struct budget_tokens *tokens, bool guessed, double dollars)
{
	struct budget_answer *answer;

	if (reservation->answer == NULL)
		return;
	answer = budget_store_answer(&budget->store, reservation->answer);
	answer->day = today();
	answer->dollars += dollars;
	budget_store_put_answer(&budget->store, answer);
	if (guessed)
		return;
	mem_set_string(&answer->last_id, reservation->id);
	mem_set_string(&answer->last_model, reservation->model);
	answer->last_bytes = reservation->bytes;
	answer->last_tokens = tokens->input + tokens->cache_read + tokens->cache_write;
}

static int64_t sane(int64_t tokens)
{
	return tokens < 0 ? 0 : tokens > TOKENS_MAX ? TOKENS_MAX : tokens;
}

static void settle(struct budget *budget, struct budget_reservation *reservation, const struct budget_tokens *told)
{
	struct budget_tokens tokens = { .input = reservation->input, .output = reservation->output };
	double dollars = reservation->dollars;

	if (told != NULL) {
		tokens = (struct budget_tokens){ sane(told->input), sane(told->output), sane(told->cache_read),
		                                 sane(told->cache_write) };
		dollars = or_else(cost_of(reservation, &tokens), 0);
	}
	add_cost(budget, reservation, &tokens, told == NULL, dollars);
	add_to_answer(budget, reservation, &tokens, told == NULL, dollars);
	count(reservation, &tokens, dollars);
	budget_store_drop(&budget->store, reservation);
	budget_store_forget(&budget->store, today());
}

void budget_settle(struct budget *budget, const char *id, const struct budget_tokens *tokens)
{
	struct budget_reservation *reservation = budget_store_find(&budget->store, id);

	if (reservation != NULL)
		settle(budget, reservation, tokens);
}

void budget_release(struct budget *budget, const char *id)
{
	struct budget_reservation *reservation = budget_store_find(&budget->store, id);

	if (reservation != NULL)
		budget_store_drop(&budget->store, reservation);
}

/* --- a month --- */

struct month {
	struct budget_row *rows;
	size_t count;
};

static bool is_row_of(const struct budget_row *row, const struct budget_cost *cost)
{
	bool person = row->person == cost->person ||
	              (row->person != NULL && cost->person != NULL && strcmp(row->person, cost->person) == 0);

	return person && strcmp(row->kind, cost->kind == NULL ? "" : cost->kind) == 0;
}

static struct budget_row *find_row(struct month *month, const struct budget_cost *cost)
{
	for (size_t i = 0; i < month->count; i++)
		if (is_row_of(&month->rows[i], cost))
			return &month->rows[i];
	month->rows = mem_resize(month->rows, (month->count + 1) * sizeof(*month->rows));
	month->rows[month->count] = (struct budget_row){
		.person = cost->person,
		.kind = cost->kind == NULL ? "" : cost->kind,
	};
	return &month->rows[month->count++];
}

static int64_t all_tokens(const struct budget_row *row)
{
	return row->tokens.input + row->tokens.output + row->tokens.cache_read + row->tokens.cache_write;
}

static int compare_rows(const void *a, const void *b)
{
	const struct budget_row *one = a, *other = b;

	if (one->dollars > other->dollars || one->dollars < other->dollars)
		return one->dollars > other->dollars ? -1 : 1;
	return (all_tokens(one) < all_tokens(other)) - (all_tokens(one) > all_tokens(other));
}

void budget_month(const struct budget *budget, int64_t month_ms, void (*row)(void *arg, const struct budget_row *row),
                  void *arg)
{
	int64_t wanted = budget_store_month(month_ms / DAY_MS);
	struct month month = { NULL, 0 };

	for (const struct budget_cost *cost = budget->store.costs; cost != NULL; cost = cost->next) {
		struct budget_row *sum;

		if (budget_store_month(cost->day) != wanted)
			continue;
		sum = find_row(&month, cost);
		sum->uses += cost->uses;
		sum->guessed += cost->guessed;
		sum->unpriced += cost->unpriced;
		sum->tokens.input += cost->input;
		sum->tokens.output += cost->output;
		sum->tokens.cache_read += cost->cache_read;
		sum->tokens.cache_write += cost->cache_write;
		sum->dollars += cost->dollars;
	}
	if (month.count > 0)
		qsort(month.rows, month.count, sizeof(*month.rows), compare_rows);
	for (size_t i = 0; i < month.count; i++)
		row(arg, &month.rows[i]);
	free(month.rows);
}

double budget_spent(const struct budget *budget, int64_t from_ms)
{
	double sum = 0;

	for (const struct budget_cost *cost = budget->store.costs; cost != NULL; cost = cost->next)
		if (cost->day >= from_ms / DAY_MS)
			sum += cost->dollars;
	return sum;
}

/* --- the whole --- */

static void describe_metrics(void)
{
	static const struct {
		const char *name, *help;
	} all[] = {
		{ "tocsin_budget_input_tokens_total", "Tokens that the model read, without its cache, by kind of use" },
		{ "tocsin_budget_cache_read_tokens_total", "Tokens read from the model's cache, by kind of use" },
		{ "tocsin_budget_cache_write_tokens_total", "Tokens written to the model's cache, by kind of use" },
		{ "tocsin_budget_output_tokens_total", "Tokens that the model wrote, by kind of use" },
		{ "tocsin_budget_microdollars_total", "Cost of the model in millionths of a dollar, by kind of use" },
		{ "tocsin_budget_refused_total", "Calls to the model that a ceiling forbade, by ceiling" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		metrics_describe(all[i].name, "counter", all[i].help);
}

struct budget *budget_new(struct bot *bot)
{
	struct budget *budget = mem_alloc(sizeof(*budget));

	budget->bot = bot;
	budget->store.journal = bot->journal;
	describe_metrics();
	return budget;
}

/* What was under way when the last process ended may have been charged. */
bool budget_load(struct budget *budget, struct err *err)
{
	if (!budget_store_load(&budget->store, err))
		return false;
	while (budget->store.reservations != NULL) {
		struct budget_reservation *lost = budget->store.reservations;

		log_event(LOG_WARN, "budget.call_lost", "call", lost->id, "microdollars",
		          LOG_INT(llround(lost->dollars * MILLION)), NULL);
		settle(budget, lost, NULL);
	}
	budget_store_forget(&budget->store, today());
	journal_commit(budget->bot->journal, (struct done){ NULL, NULL });
	return true;
}

void budget_free(struct budget *budget)
{
	if (budget == NULL)
		return;
	budget_store_free(&budget->store);
	free(budget);
}
