/*
 * dashboard_read.h - one look at a dashboard as one asynchronous operation: its table, its metrics from every source,
 * the findings. For the dashboard's command, for answers and for whoever else looks.
 */
#ifndef COMMANDS_DASHBOARD_READ_H
#define COMMANDS_DASHBOARD_READ_H

#include "bot/err.h"
#include "bot/metric.h"

struct bot;
struct config_dashboard;
struct dashboard_data;

/*
 * dashboard: borrowed during the call, so that the configuration may be replaced meanwhile.
 * data: from dashboard_data_new, borrowed until done. Success: judged, whatever some of its metrics or its table did;
 * ERR_USAGE: nothing can be read; ERR_CANCELLED: the program ends. progress: of all its metrics; may be NULL.
 */
void dashboard_read(struct bot *bot, const struct config_dashboard *dashboard, struct dashboard_data *data,
                    metric_progress_fn *progress, void *arg, struct done done);

#endif
