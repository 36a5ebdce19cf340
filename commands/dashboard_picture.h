/* dashboard_picture.h - parts of a dashboard's pictures, for those who draw several dashboards in one. */
#ifndef COMMANDS_DASHBOARD_PICTURE_H
#define COMMANDS_DASHBOARD_PICTURE_H

#include <stddef.h>
#include <stdint.h>

struct chart_panel;
struct dashboard_data;
struct mem;

/* One metric with all its series, what is to be expected and its findings; all zero before. What it points to lives in
 * mem and in the data. */
void dashboard_picture_panel(struct mem *mem, struct chart_panel *panel, const struct dashboard_data *data,
                             size_t metric);
/* Where a picture of all metrics begins: before what is judged, so that a change can be seen as one. */
int64_t dashboard_picture_from(const struct dashboard_data *data);

#endif
