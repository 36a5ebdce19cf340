#include "adapters/aws/dashboards.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/pages.h"
#include "bot/arn.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define NAME_MAX_BYTES 255
#define PAGES_MAX 5
#define NAMES_MAX 1000
#define SHOWN_MAX 150 /* bytes of names in an error */

static const struct aws_service service = { "monitoring", "monitoring", "cloudwatch", AWS_JSON_1_0,
	                                        "GraniteServiceVersion20100801", true };

struct getting {
	struct aws *aws;
	char *account, *region, *name;
	char **names; /* of those that there are */
	size_t count;
	struct aws_dashboard *out;
	struct done done;
};

void aws_dashboard_free(struct aws_dashboard *dashboard)
{
	free(dashboard->body);
	free(dashboard->account);
	*dashboard = (struct aws_dashboard){ 0 };
}

static void finish(struct getting *g, const struct err *err)
{
	g->done.fn(g->done.arg, err);
	for (size_t i = 0; i < g->count; i++)
		free(g->names[i]);
	free(g->names);
	free(g->account);
	free(g->region);
	free(g->name);
	free(g);
}

/* --- which there are --- */

static bool on_names(void *arg, struct json_object *page, struct err *err)
{
	struct getting *g = arg;
	struct json_object *list = json_get(page, "DashboardEntries");

	if (!json_is_array(list))
		return err_set(err, ERR_RETRY, "CloudWatch's answer has no DashboardEntries");
	for (size_t i = 0; i < json_count(list); i++) {
		char *name = aws_text(json_at(list, i), "DashboardName", NAME_MAX_BYTES);

		if (name == NULL)
			continue;
		g->names[g->count++] = name;
		if (g->count == NAMES_MAX)
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a, b and 12 more" */
static void add_names(struct str *out, const struct getting *g)
{
	size_t shown = 0;

	for (; shown < g->count && out->length + strlen(g->names[shown]) < SHOWN_MAX; shown++)
		str_addf(out, "%s%s", shown == 0 ? "" : ", ", g->names[shown]);
	if (shown < g->count)
		str_addf(out, "%s%zu more", shown == 0 ? "" : " and ", g->count - shown);
}

static void listed(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct getting *g = arg;
	struct err why;
	struct str names;

	(void)answer;
	if (err != NULL && err->kind == ERR_CANCELLED) {
		finish(g, err);
		return;
	}
	str_init(&names, 2 * SHOWN_MAX);
	if (err == NULL && g->count > 0) {
		qsort(g->names, g->count, sizeof(*g->names), by_name);
		add_names(&names, g);
	}
	(void)err_set(&why, ERR_NOT_FOUND, "CloudWatch has no dashboard %.60s%s%s%s", g->name,
	              names.length > 0 ? "; there are: " : err == NULL ? "; this account has none" :
	              "; which there are could not be listed", names.text, more && names.length > 0 ? "..." : "");
	str_free(&names);
	finish(g, &why);
}

static void list_names(struct getting *g)
{
	g->names = mem_alloc((NAMES_MAX + 1) * sizeof(*g->names));
	aws_pages_read(g->aws, &(struct aws_pages){
		.service = &service, .operation = "ListDashboards", .target = { g->account, g->region },
		.body = json_new_object(), .token = "NextToken", .max = PAGES_MAX, .page = on_names, .done = listed,
		.arg = g,
	});
}

/* --- the one --- */

static bool is_absent(const struct aws_answer *answer)
{
	const char *code = answer == NULL || answer->fault == NULL ? "" : answer->fault->code;

	return strcmp(code, "ResourceNotFound") == 0 || strcmp(code, "DashboardNotFoundError") == 0;
}

static void take(struct getting *g, struct json_object *answer)
{
	const char *arn_text = json_string(answer, "DashboardArn");
	struct arn arn;

	aws_dashboard_free(g->out);
	g->out->length = json_string_length(answer, "DashboardBody");
	g->out->body = mem_copy_bytes(json_string(answer, "DashboardBody"), g->out->length);
	if (arn_text != NULL && arn_split(arn_text, &arn))
		g->out->account = mem_copy_string(arn.account);
}

static void got(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct getting *g = arg;
	struct err why;

	if (err != NULL && is_absent(answer)) {
		list_names(g);
	} else if (err != NULL) {
		finish(g, err);
	} else if (json_string(answer->json, "DashboardBody") == NULL) {
		(void)err_set(&why, ERR_RETRY, "CloudWatch's answer about dashboard %.60s has no DashboardBody",
		              g->name);
		finish(g, &why);
	} else {
		take(g, answer->json);
		finish(g, NULL);
	}
}

void dashboards_get(struct aws *aws, const struct aws_target *target, const char *name,
                    struct aws_dashboard *dashboard, struct done done)
{
	struct getting *g = mem_alloc(sizeof(*g));
	struct json_object *body = json_new_object();

	g->aws = aws;
	g->account = mem_copy_string(target->account);
	g->region = mem_copy_string(target->region);
	g->name = mem_copy_string(name);
	g->out = dashboard;
	g->done = done;
	json_put_string(body, "DashboardName", name);
	aws_call(aws, &(struct aws_request){
		.service = &service, .operation = "GetDashboard", .target = *target, .body = json_print(body),
		.idempotent = true, .expected_code = "ResourceNotFound",
	}, got, g);
	json_free(body);
}
