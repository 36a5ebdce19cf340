/*
 * briefing_case.h - a shop whose metrics are known, and a briefing about it without any network.
 *
 * Two dashboards in UTC: "web" (Checkout latency, Requests, CPU, Errors) and "db" (Database CPU, Free storage),
 * values every five minutes for 14 days; now is Thursday 2026-11-26 14:20.
 */
#ifndef TESTS_UNIT_SUPPORT_BRIEFING_CASE_H
#define TESTS_UNIT_SUPPORT_BRIEFING_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "bot/bot.h"
#include "bot/config.h"
#include "commands/briefing_private.h"

#define BRIEFING_CASE_NOW_MS INT64_C(1795702800000) /* 2026-11-26T14:20:00Z */
#define BRIEFING_CASE_MINUTE_MS INT64_C(60000)

struct briefing_case {
	struct bot bot;
	struct config config;
	struct config_dashboard dashboards[3];
	struct metric metrics[3][40];
	double slow; /* times the usual latency since slow_from_ms; 1: nothing happens */
	int64_t slow_from_ms, slow_until_ms;
	double more;      /* times the usual requests then */
	double database;  /* per cent above the usual database CPU, every other hour then */
	const char *gone; /* id of a metric that cannot be read; NULL: none */
};

void briefing_case_init(struct briefing_case *shop);
void briefing_case_free(struct briefing_case *shop);
/* An alarm of the shop's fires so many minutes before now. Its journal lies in scratch_make's directory. */
struct incident *briefing_case_alarm(struct briefing_case *shop, const char *name, const char *metric,
                                     int64_t minutes);
struct metric *briefing_case_add(struct briefing_case *shop, size_t dashboard, const char *id, const char *title,
                                 const char *unit);
/* As briefing_read leaves it. */
struct briefing *briefing_case_read(struct briefing_case *shop, const char *question);
/* Gives the chosen metrics their values and judges them. */
void briefing_case_fill(struct briefing_case *shop, struct briefing *briefing);

#endif
