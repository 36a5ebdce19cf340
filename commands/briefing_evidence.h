/*
 * briefing_evidence.h - what is known of a dashboard, for the check of a model's words: for answers and summaries.
 */
#ifndef COMMANDS_BRIEFING_EVIDENCE_H
#define COMMANDS_BRIEFING_EVIDENCE_H

struct dashboard_data;
struct evidence;
struct finding;

/* The dashboard's, its metrics' and their dimensions'. */
void briefing_evidence_names(const struct dashboard_data *data, struct evidence *evidence);
/* Its words, id, times, and whether a claim of a cause may rest on it. */
void briefing_evidence_finding(const struct finding *finding, struct evidence *evidence);

#endif
