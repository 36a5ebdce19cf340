/* What each call of jira.h sends, and what it makes of the answers, for Cloud and Data Center. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "tests/unit/support/jira_world.h"
#include "tests/unit/support/turn.h"

#define LABELS "{\"fieldId\":\"labels\",\"name\":\"Labels\",\"required\":false}"
#define TEAM "{\"fieldId\":\"customfield_10001\",\"name\":\"Team\",\"required\":false}"
#define SEVERITY "{\"fieldId\":\"customfield_10050\",\"name\":\"Severity\",\"required\":true,\"hasDefaultValue\":false," \
	"\"allowedValues\":[{\"value\":\"High\"},{\"value\":\"Low\"}]}"
#define NOTES "{\"fieldId\":\"customfield_10002\",\"name\":\"Notes\",\"required\":false,\"schema\":{\"custom\":" \
	"\"com.atlassian.jira.plugin.system.customfieldtypes:textarea\"}}"
#define CREATED "{\"id\":\"10000\",\"key\":\"OPS-12\",\"self\":\"https://x/rest/api/3/issue/10000\"}"

static char *issue, *note, *status, *category, *findings;
static struct message description;

static int tidy(void **state)
{
	free(issue);
	free(note);
	free(status);
	free(category);
	free(findings);
	issue = note = status = category = findings = NULL;
	message_free(&description);
	json_free(jira_world_options.fields);
	return jira_world_end(state);
}

static void create(void)
{
	message_free(&description);
	message_init(&description, TONE_FIRING);
	message_say(&description, message_paragraph(&description), "it fires");
	RUN(jira_create(jira, &(struct jira_draft){ .key = "k1", .label = "tocsin-0011223344556677",
		.summary = "Example |\n12345", .message = &description }, &issue, &note, done));
}

static void set_fields(const char *text)
{
	struct err err;

	json_free(jira_world_options.fields);
	jira_world_options.fields = json_parse(text, strlen(text), &err);
	assert_non_null(jira_world_options.fields);
	jira_world_restart("");
}

static struct json_object *sent(const char *what, unsigned nth)
{
	const char *body = jira_world_body(what, nth);
	struct err err;
	struct json_object *json = json_parse(body, strlen(body), &err);

	assert_non_null(json);
	return json;
}

/* --- create -------------------------------------------------------------------------------- */

static void create_sends_a_whole_issue_to_cloud(void **state)
{
	(void)state;
	jira_world_meta(LABELS);
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(issue, "OPS-12");
	assert_null(note);
	assert_string_equal(jira_world_body("POST issue", 0),
	    "{\"fields\":{\"labels\":[\"tocsin-0011223344556677\"],\"project\":{\"key\":\"OPS\"},\"issuetype\":{\"id\":\"7\"},"
	    "\"summary\":\"Example | 12345\",\"description\":{\"version\":1,\"type\":\"doc\",\"content\":[{\"type\":"
	    "\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"it fires\"}]}]}},"
	    "\"properties\":[{\"key\":\"tocsin\",\"value\":{\"key\":\"k1\"}}]}");
	assert_non_null(strstr(jira_fake_asked(fake, "POST /rest/api/3/issue", 0)->head, "\r\nAuthorization: Bearer t0ken-of-a-test\r\n"));
	assert_non_null(strstr(jira_fake_asked(fake, "POST /rest/api/3/issue", 0)->head, "\r\nContent-Type: application/json\r\n"));
	assert_int_equal(jira_fake_unused(fake), 0);
	assert_int_equal(metrics_value("tocsin_jira_calls_total", "outcome", "ok"), 3);
}

static void create_sends_wiki_text_to_data_center(void **state)
{
	struct json_object *body;

	(void)state;
	jira_world_meta(LABELS);
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	body = sent("POST issue", 0);
	assert_string_equal(json_string(body, "fields.description"), "it fires");
	assert_string_equal(json_string(body, "properties[0].value.key"), "k1");
	json_free(body);
}

static void metadata_is_read_once(void **state)
{
	(void)state;
	jira_world_meta(LABELS);
	jira_world_answer("POST issue", 201, CREATED);
	jira_world_answer("POST issue", 201, CREATED);
	create();
	create();
	assert_int_equal(result.kind, ERR_NONE);
	assert_int_equal(jira_fake_count(fake, NULL), 4);
}

static void metadata_comes_in_pages(void **state)
{
	(void)state;
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200,
	                  "{\"startAt\":0,\"maxResults\":1,\"total\":2,\"issueTypes\":[{\"id\":\"1\",\"name\":\"Task\"}]}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200,
	                  "{\"startAt\":1,\"maxResults\":1,\"total\":2,\"issueTypes\":[{\"id\":\"7\",\"name\":\"INCIDENT\"}]}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes/7", 200,
	                  "{\"startAt\":0,\"maxResults\":1,\"total\":2,\"fields\":[" LABELS "]}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes/7", 200,
	                  "{\"startAt\":1,\"maxResults\":1,\"total\":2,\"fields\":[" SEVERITY "]}");
	RUN(jira_check(jira, &findings, done)); /* myself is not scripted: a finding, nothing more */
	assert_int_equal(jira_fake_count(fake, "GET /rest/api/3/issue/createmeta/OPS/issuetypes"), 0);
	create();
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_string_equal(result.text, "project OPS requires the field Severity for issue type incident: "
	                                 "add customfield_10050 to jira.fields");
	assert_non_null(strstr(jira_fake_asked(fake, "GET /rest/api/3/issue/createmeta/OPS/issuetypes/7", 1)->line,
	                       "?startAt=1&maxResults=200"));
	assert_int_equal(jira_fake_count(fake, "POST /rest/api/3/issue"), 0);
}

static void configured_fields_are_added_and_ours_stay(void **state)
{
	struct json_object *body;

	(void)state;
	set_fields("{\"project\":{\"key\":\"EVIL\"},\"summary\":\"no\",\"issuetype\":{\"id\":\"1\"},\"description\":\"no\","
	           "\"labels\":[\"a\"],\"customfield_10001\":{\"value\":\"x\"},\"customfield_10002\":\"words\"}");
	jira_world_meta(LABELS "," TEAM "," NOTES);
	jira_world_answer("POST issue", 201, CREATED);
	create();
	body = sent("POST issue", 0);
	assert_string_equal(json_string(body, "fields.project.key"), "OPS");
	assert_string_equal(json_string(body, "fields.issuetype.id"), "7");
	assert_string_equal(json_string(body, "fields.summary"), "Example | 12345");
	assert_string_equal(json_print(json_get(body, "fields.labels")), "[\"a\",\"tocsin-0011223344556677\"]");
	assert_string_equal(json_string(body, "fields.customfield_10001.value"), "x");
	assert_string_equal(json_string(body, "fields.customfield_10002.content[0].content[0].text"), "words");
	assert_int_equal(json_count(json_get(jira_world_options.fields, "labels")), 1);
	json_free(body);
}

static void fields_off_the_screen_are_left_out_before_sending(void **state)
{
	struct json_object *body;

	(void)state;
	set_fields("{\"customfield_10001\":\"x\"}");
	jira_world_meta("");
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	body = sent("POST issue", 0);
	assert_false(json_has(body, "fields.labels"));
	assert_false(json_has(body, "fields.customfield_10001"));
	assert_string_equal(note, "Jira took the issue without: customfield_10001, labels");
	json_free(body);
}

static void refused_fields_are_left_out_of_a_second_try(void **state)
{
	struct json_object *body;

	(void)state;
	set_fields("{\"customfield_10001\":\"x\"}");
	jira_world_meta(LABELS "," TEAM);
	jira_world_answer("POST issue", 400, "{\"errorMessages\":[],\"errors\":{\"customfield_10001\":\"Option id 'x' is not valid\"}}");
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(issue, "OPS-12");
	assert_string_equal(note, "Jira took the issue without: Team (Jira cannot create an issue in OPS (HTTP 400): "
	                          "customfield_10001: Option id 'x' is not valid)");
	body = sent("POST issue", 1);
	assert_false(json_has(body, "fields.customfield_10001"));
	assert_true(json_has(body, "fields.labels"));
	assert_true(json_has(body, "properties"));
	json_free(body);
	/* What Jira takes is asked again after a refusal. */
	jira_world_meta(LABELS "," TEAM);
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(jira_fake_unused(fake), 0);
	assert_null(note);
}

static void a_field_named_in_a_message_is_found(void **state)
{
	struct json_object *body;

	(void)state;
	jira_world_meta(LABELS);
	jira_world_answer("POST issue", 400, "{\"errorMessages\":[\"Field 'labels' cannot be set.\"],\"errors\":{}}");
	jira_world_answer("POST issue", 201, CREATED);
	create();
	body = sent("POST issue", 1);
	assert_false(json_has(body, "fields.labels"));
	assert_true(json_has(body, "properties"));
	json_free(body);
}

static void a_refusal_without_names_costs_all_that_may_go(void **state)
{
	struct json_object *body;

	(void)state;
	set_fields("{\"customfield_10001\":\"x\"}");
	jira_world_meta(LABELS "," TEAM);
	jira_world_answer("POST issue", 400, "{\"errorMessages\":[\"Something is wrong\"],\"errors\":{}}");
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	body = sent("POST issue", 1);
	assert_int_equal(json_count(json_get(body, "fields")), 4);
	assert_true(json_has(body, "fields.description"));
	assert_false(json_has(body, "properties"));
	assert_non_null(strstr(note, "without: Team, Labels, the property tocsin ("));
	assert_non_null(strstr(json_print(json_get(body, "fields.description")), "tocsin k1"));
	json_free(body);
}

static void what_cannot_be_mended_is_refused_at_once(void **state)
{
	static const struct {
		int status;
		const char *body, *text;
	} cases[] = {
		{ 400, "{\"errorMessages\":[],\"errors\":{\"customfield_9\":\"Severity is required.\"}}",
		  "Jira cannot create an issue in OPS (HTTP 400): customfield_9: Severity is required" },
		{ 400, "{\"errorMessages\":[],\"errors\":{\"summary\":\"too long\"}}",
		  "Jira cannot create an issue in OPS (HTTP 400): summary: too long" },
		{ 400, "{\"errorMessages\":[\"both\"],\"errors\":{\"project\":\"valid project is required\"}}",
		  "Jira cannot create an issue in OPS (HTTP 400): both; project: valid project is required" },
		{ 400, "{\"errors\":{\"labels\":\"bad\",\"customfield_9\":\"Severity is required\"}}",
		  "Jira cannot create an issue in OPS (HTTP 400): labels: bad; customfield_9: Severity is required" },
		{ 403, "{\"errorMessages\":[\"no\"]}", "Jira cannot create an issue in OPS (HTTP 403, forbidden): no" },
		{ 422, "{}", "Jira cannot create an issue in OPS (HTTP 422)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t before = jira_fake_count(fake, jira_world_path("POST issue"));

		jira_world_meta(LABELS);
		jira_world_answer("POST issue", cases[i].status, cases[i].body);
		create();
		assert_int_equal(result.kind, ERR_REFUSED);
		assert_string_equal(result.text, cases[i].text);
		assert_int_equal(jira_fake_count(fake, jira_world_path("POST issue")), before + 1);
	}
}

static void the_first_refusal_is_told_when_the_second_try_fails_too(void **state)
{
	(void)state;
	set_fields("{\"customfield_10001\":\"x\"}");
	jira_world_meta(LABELS "," TEAM);
	jira_world_answer("POST issue", 400, "{\"errors\":{\"labels\":\"bad\"}}");
	jira_world_answer("POST issue", 400, "{\"errors\":{\"customfield_10001\":\"bad too\"}}");
	create();
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_non_null(strstr(result.text, "labels: bad"));
	assert_int_equal(jira_fake_count(fake, jira_world_path("POST issue")), 2);
}

static void a_required_field_is_not_left_out(void **state)
{
	(void)state;
	set_fields("{\"customfield_10050\":{\"value\":\"x\"}}");
	jira_world_meta(LABELS "," SEVERITY);
	jira_world_answer("POST issue", 400, "{\"errors\":{\"customfield_10050\":\"Option value 'x' is not valid\"}}");
	create();
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_int_equal(jira_fake_count(fake, jira_world_path("POST issue")), 1);
}

static void a_refusal_that_is_not_jiras_is_not_tried_again(void **state)
{
	(void)state;
	jira_world_meta(LABELS);
	jira_fake_answer(fake, jira_world_path("POST issue"), 400, "Content-Type: text/html\r\n", "<html>");
	create();
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_int_equal(jira_fake_count(fake, jira_world_path("POST issue")), 1);
}

static void pages_without_a_total_end_with_the_last(void **state)
{
	(void)state;
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200,
	                  "{\"startAt\":0,\"isLast\":false,\"values\":[{\"id\":\"1\",\"name\":\"Task\"}]}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200,
	                  "{\"startAt\":1,\"isLast\":true,\"values\":[{\"id\":\"7\",\"name\":\"Incident\"}]}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes/7", 200, "{\"isLast\":true,\"values\":[" LABELS "]}");
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	assert_int_equal(jira_fake_unused(fake), 0);
	assert_string_equal(note, "Jira took the issue without: description");
}

static void a_missing_issue_type_names_those_there_are(void **state)
{
	(void)state;
	jira_world_options.issue_type = "Outage";
	jira_world_restart("");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200,
	                  "{\"total\":2,\"issueTypes\":[{\"id\":\"1\",\"name\":\"Task\"},{\"id\":\"2\",\"name\":\"Bug\"}]}");
	create();
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_string_equal(result.text, "issue type 'Outage' does not exist in project OPS; there are: Task, Bug; "
	                                 "set jira.issue_type");
}

static void metadata_that_jira_hides_stops_nothing(void **state)
{
	struct json_object *body;

	(void)state;
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 404, "{\"errorMessages\":[\"no\"]}");
	jira_world_answer("POST issue", 201, CREATED);
	create();
	assert_int_equal(result.kind, ERR_NONE);
	body = sent("POST issue", 0);
	assert_string_equal(json_string(body, "fields.issuetype.name"), "incident");
	assert_true(json_has(body, "fields.labels"));
	json_free(body);
}

static void an_unclear_create_is_unknown(void **state)
{
	static const struct {
		int status;
		const char *body;
	} cases[] = { { 500, "{}" }, { 502, "<html>" }, { 503, "" }, { 504, "" }, { 0, "" }, { 201, "{\"id\":\"1\"}" }, { 201, "{" }, { 201, "" } };

	(void)state;
	jira_world_meta(LABELS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		jira_world_answer("POST issue", cases[i].status, cases[i].body);
		create();
		assert_int_equal(result.kind, ERR_UNKNOWN);
		assert_int_equal(jira_fake_count(fake, "POST /rest/api/3/issue"), i + 1); /* sent once */
	}
}

static void a_create_that_did_not_happen_may_be_repeated(void **state)
{
	(void)state;
	jira_world_meta(LABELS);
	jira_fake_answer(fake, "POST /rest/api/3/issue", 429, "Retry-After: 7\r\n", "{}");
	create();
	assert_int_equal(result.kind, ERR_RETRY);
	assert_int_equal(result.retry_after_ms, 7000);
	jira_world_options.url = "http://127.0.0.1:1";
	jira_free(jira);
	jira = jira_new(&jira_world_options, &(struct err){ 0 });
	create();
	assert_int_equal(result.kind, ERR_RETRY);
}

/* --- find ---------------------------------------------------------------------------------- */

static void find(const char *label)
{
	RUN(jira_find(jira, "k1", label, clock_wall_ms() - 600000, &issue, done));
}

static void find_compares_the_property_on_cloud(void **state)
{
	struct json_object *body;

	(void)state;
	jira_world_answer("POST search/jql", 200, "{\"isLast\":true,\"issues\":[{\"key\":\"OPS-1\",\"properties\":{\"tocsin\":{\"key\":\"k0\"}}},"
	                  "{\"key\":\"OPS-2\",\"properties\":{}},{\"key\":\"OPS-3\",\"properties\":{\"tocsin\":{\"key\":\"k1\"}}}]}");
	find("tocsin-0011\"22\\");
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(issue, "OPS-3");
	body = sent("POST search/jql", 0);
	assert_string_equal(json_string(body, "jql"), "project = \"OPS\" AND labels = \"tocsin-0011\\\"22\\\\\" AND "
	                                              "created >= \"-15m\" ORDER BY created DESC");
	assert_string_equal(json_print(json_get(body, "properties")), "[\"tocsin\"]");
	assert_int_equal(json_int(body, "maxResults", 0), 50);
	assert_false(json_has(body, "startAt"));
	json_free(body);
}

static void find_is_not_sure_at_first(void **state)
{
	(void)state;
	clock_set_scale(1);
	jira_world_answer("POST search/jql", 200, "{\"isLast\":true,\"issues\":[]}");
	RUN(jira_find(jira, "k1", NULL, clock_wall_ms() - 5000, &issue, done));
	assert_int_equal(result.kind, ERR_RETRY);
}

static void find_goes_through_the_pages_of_cloud(void **state)
{
	struct json_object *body;

	(void)state;
	jira_world_answer("POST search/jql", 200, "{\"nextPageToken\":\"t2\",\"issues\":[{\"key\":\"OPS-1\",\"properties\":{}}]}");
	jira_world_answer("POST search/jql", 200, "{\"isLast\":true,\"issues\":[{\"key\":\"OPS-2\",\"properties\":{}}]}");
	find(NULL);
	assert_int_equal(result.kind, ERR_NOT_FOUND);
	assert_null(issue);
	body = sent("POST search/jql", 1);
	assert_string_equal(json_string(body, "nextPageToken"), "t2");
	assert_null(strstr(json_string(body, "jql"), "labels"));
	json_free(body);
}

static void find_asks_for_each_property_on_data_center(void **state)
{
	struct json_object *body;

	(void)state;
	jira_world_answer("POST search", 200, "{\"startAt\":0,\"total\":3,\"issues\":[{\"key\":\"OPS-1\"},{\"key\":\"OPS-2\"},{\"key\":\"OPS-3\"}]}");
	jira_world_answer("GET issue/OPS-1/properties/tocsin", 404, "{}");
	jira_world_answer("GET issue/OPS-2/properties/tocsin", 200, "{\"key\":\"tocsin\",\"value\":{\"key\":\"k0\"}}");
	jira_world_answer("GET issue/OPS-3/properties/tocsin", 200, "{\"key\":\"tocsin\",\"value\":{\"key\":\"k1\"}}");
	find("tocsin-0011");
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(issue, "OPS-3");
	body = sent("POST search", 0);
	assert_false(json_has(body, "properties"));
	assert_int_equal(json_int(body, "startAt", -1), 0);
	json_free(body);
	jira_world_answer("POST search", 200, "{\"startAt\":0,\"total\":0,\"issues\":[]}");
	jira_world_answer("POST search", 200, "{\"startAt\":0,\"total\":0,\"issues\":[]}");
	find("tocsin-0011");
	assert_int_equal(result.kind, ERR_NOT_FOUND);
}

/* Where Jira refused label or property, the issue must be found all the same. */
static void find_does_without_label_and_property(void **state)
{
	bool cloud = jira_world_options.api == JIRA_CLOUD;
	const char *path = cloud ? "POST search/jql" : "POST search";
	struct json_object *body;

	(void)state;
	jira_world_answer(path, 200, "{\"isLast\":true,\"total\":1,\"issues\":[{\"key\":\"OPS-1\",\"properties\":{\"tocsin\":"
	                             "{\"key\":\"k0\"}},\"fields\":{\"description\":\"tocsin k1\"}}]}");
	jira_world_answer(path, 200, cloud ?
	    "{\"isLast\":true,\"issues\":[{\"key\":\"OPS-2\",\"properties\":{},\"fields\":{\"description\":null}},"
	    "{\"key\":\"OPS-3\",\"properties\":{},\"fields\":{\"description\":{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"tocsin k1\"}]}]}}}]}" :
	    "{\"total\":2,\"issues\":[{\"key\":\"OPS-2\",\"fields\":{\"description\":null}},"
	    "{\"key\":\"OPS-3\",\"fields\":{\"description\":\"words\\r\\n\\r\\ntocsin k1\"}}]}");
	jira_world_answer("GET issue/OPS-2/properties/tocsin", 404, "{}");
	jira_world_answer("GET issue/OPS-3/properties/tocsin", 404, "{}");
	find("tocsin-0011");
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(issue, "OPS-3");
	body = sent(path, 1);
	assert_null(strstr(json_string(body, "jql"), "labels"));
	assert_false(json_has(body, "nextPageToken"));
	json_free(body);
}

static void a_find_without_an_answer_finds_nothing_out(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		jira_world_answer("POST search/jql", 503, "");
	find(NULL);
	assert_int_equal(result.kind, ERR_RETRY);
	assert_int_equal(jira_fake_count(fake, NULL), 3);
	jira_world_answer("POST search/jql", 200, "{\"issues\":[{\"key\":\"OPS-1\"}]}");
	for (int i = 0; i < 3; i++)
		jira_world_answer("GET issue/OPS-1/properties/tocsin", 500, "");
	find(NULL);
	assert_int_equal(result.kind, ERR_RETRY);
	jira_world_answer("POST search/jql", 400, "{\"errorMessages\":[\"The value 'OPS' does not exist for the field 'project'.\"]}");
	find(NULL);
	assert_int_equal(result.kind, ERR_REFUSED);
}

/* --- comments ------------------------------------------------------------------------------ */

static void comment(const char *mark)
{
	message_free(&description);
	message_init(&description, TONE_NEUTRAL);
	message_code(&description, "a\nb");
	RUN(jira_comment(jira, "OPS-12", mark, &description, done));
}

static void comments_have_the_form_of_the_kind(void **state)
{
	(void)state;
	jira_world_answer("POST issue/OPS-12/comment", 201, "{\"id\":\"1\"}");
	comment("5f2a");
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(jira_world_body("POST issue/OPS-12/comment", 0), jira_world_options.api == JIRA_CLOUD ?
	    "{\"body\":{\"version\":1,\"type\":\"doc\",\"content\":[{\"type\":\"codeBlock\",\"content\":[{\"type\":\"text\",\"text\":\"a\\nb\"}]},"
	    "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"tocsin 5f2a\",\"marks\":[{\"type\":\"subsup\",\"attrs\":"
	    "{\"type\":\"sub\"}},{\"type\":\"em\"}]}]}]}}" :
	    "{\"body\":\"{noformat}\\na\\nb\\n{noformat}\\n\\ntocsin 5f2a\"}");
}

static void failed_comments(void **state)
{
	static const struct {
		int status;
		enum err_kind kind;
	} cases[] = { { 400, ERR_REFUSED }, { 401, ERR_REFUSED }, { 403, ERR_REFUSED }, { 404, ERR_REFUSED },
		{ 409, ERR_RETRY }, { 413, ERR_REFUSED }, { 429, ERR_RETRY }, { 500, ERR_UNKNOWN }, { 0, ERR_UNKNOWN } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		jira_world_answer("POST issue/OPS-12/comment", cases[i].status, "{\"errors\":{\"comment\":\"Comment body is not valid!\"}}");
		comment("5f2a");
		assert_int_equal(result.kind, cases[i].kind);
		assert_int_equal(jira_fake_count(fake, NULL), i + 1);
	}
	comment("no mark");
	assert_int_equal(result.kind, ERR_REFUSED);
	RUN(jira_comment(jira, "OPS-1/../x", "5f2a", &description, done));
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_string_equal(result.text, "\"OPS-1/../x\" is no issue key of Jira");
	assert_int_equal(jira_fake_count(fake, NULL), sizeof(cases) / sizeof(cases[0]));
}

static void a_comment_is_found_by_its_mark(void **state)
{
	const char *body = jira_world_options.api == JIRA_CLOUD ?
	    "{\"startAt\":1,\"total\":2,\"comments\":[{\"id\":\"2\",\"body\":{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"tocsin 5f2a\"}]}]}}]}" :
	    "{\"startAt\":1,\"total\":2,\"comments\":[{\"id\":\"2\",\"body\":\"x\\r\\n\\r\\ntocsin 5f2a\"}]}";

	(void)state;
	jira_world_answer("GET issue/OPS-12/comment", 200, "{\"startAt\":0,\"total\":2,\"comments\":[{\"id\":\"1\",\"body\":\"tocsin 5f2ab\"}]}");
	jira_world_answer("GET issue/OPS-12/comment", 200, body);
	RUN(jira_find_comment(jira, "OPS-12", "5f2a", done));
	assert_int_equal(result.kind, ERR_NONE);
	assert_non_null(strstr(jira_fake_asked(fake, NULL, 0)->line, "/comment?startAt=0&maxResults=100&orderBy=-created"));
	assert_non_null(strstr(jira_fake_asked(fake, NULL, 1)->line, "/comment?startAt=1&"));
	jira_world_answer("GET issue/OPS-12/comment", 200, "{\"startAt\":0,\"total\":0,\"comments\":[]}");
	RUN(jira_find_comment(jira, "OPS-12", "5f2a", done));
	assert_int_equal(result.kind, ERR_NOT_FOUND);
	/* An issue that is gone must not look like a comment that is not there. */
	jira_world_answer("GET issue/OPS-12/comment", 404, "{\"errorMessages\":[\"Issue does not exist\"]}");
	RUN(jira_find_comment(jira, "OPS-12", "5f2a", done));
	assert_int_equal(result.kind, ERR_REFUSED);
}

/* --- status and transitions ---------------------------------------------------------------- */

#define STATUS(name, key) "{\"fields\":{\"status\":{\"name\":\"" name "\",\"statusCategory\":{\"key\":\"" key "\"}}}}"
#define RESOLUTION "\"fields\":{\"resolution\":{\"name\":\"Resolution\",\"required\":true,\"hasDefaultValue\":false},\"x\":{\"required\":false}}"
#define TRANSITIONS "{\"transitions\":[" \
	"{\"id\":\"11\",\"name\":\"Close\",\"to\":{\"name\":\"Closed\",\"statusCategory\":{\"key\":\"done\"}}," RESOLUTION "}," \
	"{\"id\":\"21\",\"name\":\"Resolve this\",\"to\":{\"name\":\"Resolved\",\"statusCategory\":{\"key\":\"done\"}},\"fields\":{}}," \
	"{\"id\":\"31\",\"name\":\"Start\",\"to\":{\"name\":\"In Progress\",\"statusCategory\":{\"key\":\"indeterminate\"}}}]}"

static void the_status_is_told(void **state)
{
	(void)state;
	jira_world_answer("GET issue/OPS-12", 200, STATUS("Erledigt", "done"));
	RUN(jira_status(jira, "OPS-12", &status, &category, done));
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(status, "Erledigt");
	assert_string_equal(category, "done");
	assert_non_null(strstr(jira_fake_asked(fake, NULL, 0)->line, "?fields=status"));
	jira_world_answer("GET issue/OPS-12", 404, "{\"errorMessages\":[\"Issue does not exist or you do not have permission to see it.\"]}");
	RUN(jira_status(jira, "OPS-12", &status, &category, done));
	assert_int_equal(result.kind, ERR_NOT_FOUND);
	assert_string_equal(status, "Erledigt");
}

static void move(const char *to)
{
	RUN(jira_transition(jira, "OPS-12", to, done));
}

static void a_transition_is_chosen_by_any_of_its_names(void **state)
{
	static const struct {
		const char *to, *id;
	} cases[] = { { "21", "21" }, { "resolve THIS", "21" }, { "resolved", "21" }, { "DONE", "21" }, { "indeterminate", "31" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *body;

		jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
		jira_world_answer("GET issue/OPS-12/transitions", 200, TRANSITIONS);
		jira_world_answer("POST issue/OPS-12/transitions", 204, "");
		move(cases[i].to);
		assert_int_equal(result.kind, ERR_NONE);
		body = sent("POST issue/OPS-12/transitions", (unsigned)i);
		assert_string_equal(json_string(body, "transition.id"), cases[i].id);
		json_free(body);
	}
}

static void an_issue_that_is_there_is_not_moved(void **state)
{
	(void)state;
	jira_world_answer("GET issue/OPS-12", 200, STATUS("Closed", "done"));
	move("done");
	assert_int_equal(result.kind, ERR_NONE);
	jira_world_answer("GET issue/OPS-12", 200, STATUS("Closed", "done"));
	move("closed");
	assert_int_equal(result.kind, ERR_NONE);
	assert_int_equal(jira_fake_count(fake, NULL), 2);
}

static void a_transition_that_is_not_offered(void **state)
{
	(void)state;
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	jira_world_answer("GET issue/OPS-12/transitions", 200, TRANSITIONS);
	move("Fertig");
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_string_equal(result.text, "OPS-12 (To Do) has no transition to \"Fertig\" now; there are: Close, Resolve this, Start; "
	                                 "set jira.resolve_to");
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	jira_world_answer("GET issue/OPS-12/transitions", 200, "{\"transitions\":[]}");
	move("done");
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_non_null(strstr(result.text, "permission Transition issues"));
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	jira_world_answer("GET issue/OPS-12/transitions", 200, TRANSITIONS);
	move("Close");
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_string_equal(result.text, "the transition \"Close\" of OPS-12 asks for Resolution: choose another jira.resolve_to, or "
	                                 "take it off the screen");
}

static void an_unclear_move_is_looked_at(void **state)
{
	(void)state;
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	jira_world_answer("GET issue/OPS-12/transitions", 200, TRANSITIONS);
	jira_world_answer("POST issue/OPS-12/transitions", 502, "");
	jira_world_answer("GET issue/OPS-12", 200, STATUS("Resolved", "done"));
	move("Resolve this");
	assert_int_equal(result.kind, ERR_NONE);
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	jira_world_answer("GET issue/OPS-12/transitions", 200, TRANSITIONS);
	jira_world_answer("POST issue/OPS-12/transitions", 0, "");
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	move("done");
	assert_int_equal(result.kind, ERR_RETRY);
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	jira_world_answer("GET issue/OPS-12/transitions", 200, TRANSITIONS);
	jira_world_answer("POST issue/OPS-12/transitions", 409, "{}");
	jira_world_answer("GET issue/OPS-12", 200, STATUS("To Do", "new"));
	move("done");
	assert_int_equal(result.kind, ERR_RETRY);
}

/* --- links and assignees ------------------------------------------------------------------- */

static void link_issue(void)
{
	RUN(jira_link(jira, "OPS-12", "tocsin:1", "https://example.slack.com/archives/C1/p1", "Slack\nthread", done));
}

static void links_are_sent_whole(void **state)
{
	(void)state;
	jira_world_answer("POST issue/OPS-12/remotelink", 201, "{\"id\":10000}");
	link_issue();
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(jira_world_body("POST issue/OPS-12/remotelink", 0),
	    "{\"globalId\":\"tocsin:1\",\"relationship\":\"tocsin\",\"object\":"
	    "{\"url\":\"https://example.slack.com/archives/C1/p1\",\"title\":\"Slack thread\"}}");
	jira_world_answer("POST issue/OPS-12/remotelink", 502, ""); /* a repeat is an update */
	jira_world_answer("POST issue/OPS-12/remotelink", 200, "{\"id\":10000}");
	link_issue();
	assert_int_equal(result.kind, ERR_NONE);
	jira_world_answer("POST issue/OPS-12/remotelink", 403, "{\"errorMessages\":[\"Issue linking is currently disabled.\"]}");
	link_issue();
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_string_equal(result.text, "Jira cannot link OPS-12 (HTTP 403, forbidden): Issue linking is currently disabled; "
	                                 "issue linking must be switched on and the account needs the permission Link issues");
}

static void users_are_named_as_the_kind_wants(void **state)
{
	bool cloud = jira_world_options.api == JIRA_CLOUD;

	(void)state;
	jira_world_answer("PUT issue/OPS-12/assignee", 204, "");
	RUN(jira_assign(jira, "OPS-12", "5b10ac8d82e05b22cc7d4ef5", done));
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(jira_world_body("PUT issue/OPS-12/assignee", 0), cloud ?
	    "{\"accountId\":\"5b10ac8d82e05b22cc7d4ef5\"}" : "{\"name\":\"5b10ac8d82e05b22cc7d4ef5\"}");
	jira_world_answer("PUT issue/OPS-12/assignee", 400, "{\"errors\":{\"assignee\":\"User 'x' does not exist.\"}}");
	RUN(jira_assign(jira, "OPS-12", "x", done));
	assert_int_equal(result.kind, ERR_REFUSED);
	assert_non_null(strstr(result.text, cloud ? "jira.users wants the accountId" : "jira.users wants the name"));
}

/* --- the check ----------------------------------------------------------------------------- */

#define ALL_PERMISSIONS "{\"permissions\":{\"CREATE_ISSUES\":{\"havePermission\":true}}}"

static void check(const char *fields, const char *permissions)
{
	jira_world_answer("GET myself", 200, "{\"accountId\":\"1\",\"displayName\":\"Tocsin\"}");
	jira_world_meta(fields);
	jira_world_answer("GET mypermissions", 200, permissions);
	RUN(jira_check(jira, &findings, done));
	assert_int_equal(result.kind, ERR_NONE);
}

static void a_good_set_up_has_no_findings(void **state)
{
	(void)state;
	check(LABELS, ALL_PERMISSIONS);
	assert_string_equal(findings, "");
	assert_non_null(strstr(jira_fake_asked(fake, NULL, 3)->line,
	    "/mypermissions?projectKey=OPS&permissions=BROWSE_PROJECTS,CREATE_ISSUES,ADD_COMMENTS,"));
	check(LABELS, ALL_PERMISSIONS); /* always asks anew */
	assert_int_equal(jira_fake_count(fake, NULL), 8);
}

static void each_finding_says_what_to_do(void **state)
{
	(void)state;
	set_fields("{\"summary\":\"x\",\"customfield_77\":\"x\"}");
	check(SEVERITY, "{\"permissions\":{\"ADD_COMMENTS\":{\"havePermission\":false},\"CREATE_ISSUES\":{\"havePermission\":true}}}");
	assert_string_equal(findings,
	    "jira.fields.summary is not used, tocsin fills that field itself: take it out\n"
	    "jira.fields.customfield_77 is not on the create screen of incident in OPS and is left out: put it on the screen or take it "
	    "out of jira.fields\n"
	    "project OPS requires the field Severity for issue type incident: add customfield_10050 to jira.fields; allowed: High, Low\n"
	    "the field labels is not on the create screen of incident in OPS, so issues of one alarm are not marked as such: put it on "
	    "the screen\n"
	    "tocsin's account lacks the permission Add comments in project OPS and cannot add the output of diagnoses: grant it in the "
	    "project's permissions");
	set_fields("{\"customfield_10050\":{\"value\":\"Low\"}}");
	check(SEVERITY "," LABELS, ALL_PERMISSIONS);
	assert_string_equal(findings, "");
}

static void a_missing_type_or_project_is_found(void **state)
{
	(void)state;
	jira_world_options.issue_type = "Outage";
	jira_world_restart("");
	jira_world_answer("GET myself", 200, "{}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200, "{\"total\":1,\"values\":[{\"id\":\"1\",\"name\":\"Task\"}]}");
	jira_world_answer("GET mypermissions", 404, "{\"errorMessages\":[\"No project\"]}");
	RUN(jira_check(jira, &findings, done));
	assert_string_equal(findings, "issue type 'Outage' does not exist in project OPS; there are: Task; set jira.issue_type\n"
	    "Jira cannot say what tocsin's account may do (HTTP 404, not found, or not visible to tocsin's account): No project; "
	    "check jira.project");
	jira_world_answer("GET myself", 200, "{}");
	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200, "{\"total\":0,\"values\":[]}");
	jira_world_answer("GET mypermissions", 200, "{}");
	RUN(jira_check(jira, &findings, done));
	assert_string_equal(findings, "no issue can be created in project OPS: check jira.project and the permission Create issues");
}

static void a_refused_login_is_a_finding_and_silence_is_an_error(void **state)
{
	(void)state;
	jira_world_answer("GET myself", 401, "");
	RUN(jira_check(jira, &findings, done));
	assert_int_equal(result.kind, ERR_NONE);
	assert_non_null(strstr(findings, "(HTTP 401, login refused): check jira.user and jira.token"));
	assert_int_equal(jira_fake_count(fake, NULL), 1);
	for (int i = 0; i < 3; i++)
		jira_world_answer("GET myself", 0, "");
	RUN(jira_check(jira, &findings, done));
	assert_int_equal(result.kind, ERR_RETRY);
}

#define CLOUD(name) cmocka_unit_test_setup_teardown(name, jira_world_begin_cloud, tidy)
#define DATACENTER(name) { "data center: " #name, name, jira_world_begin_datacenter, tidy, NULL }
#define BOTH(name) CLOUD(name), DATACENTER(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLOUD(create_sends_a_whole_issue_to_cloud),
		DATACENTER(create_sends_wiki_text_to_data_center),
		BOTH(metadata_is_read_once),
		CLOUD(metadata_comes_in_pages),
		CLOUD(configured_fields_are_added_and_ours_stay),
		BOTH(fields_off_the_screen_are_left_out_before_sending),
		BOTH(refused_fields_are_left_out_of_a_second_try),
		BOTH(a_field_named_in_a_message_is_found),
		BOTH(a_refusal_without_names_costs_all_that_may_go),
		BOTH(what_cannot_be_mended_is_refused_at_once),
		BOTH(the_first_refusal_is_told_when_the_second_try_fails_too),
		BOTH(a_required_field_is_not_left_out),
		BOTH(a_refusal_that_is_not_jiras_is_not_tried_again),
		DATACENTER(pages_without_a_total_end_with_the_last),
		CLOUD(a_missing_issue_type_names_those_there_are),
		BOTH(metadata_that_jira_hides_stops_nothing),
		CLOUD(an_unclear_create_is_unknown),
		CLOUD(a_create_that_did_not_happen_may_be_repeated),
		CLOUD(find_compares_the_property_on_cloud),
		CLOUD(find_is_not_sure_at_first),
		CLOUD(find_goes_through_the_pages_of_cloud),
		DATACENTER(find_asks_for_each_property_on_data_center),
		BOTH(find_does_without_label_and_property),
		CLOUD(a_find_without_an_answer_finds_nothing_out),
		BOTH(comments_have_the_form_of_the_kind),
		BOTH(failed_comments),
		BOTH(a_comment_is_found_by_its_mark),
		BOTH(the_status_is_told),
		BOTH(a_transition_is_chosen_by_any_of_its_names),
		BOTH(an_issue_that_is_there_is_not_moved),
		BOTH(a_transition_that_is_not_offered),
		BOTH(an_unclear_move_is_looked_at),
		BOTH(links_are_sent_whole),
		BOTH(users_are_named_as_the_kind_wants),
		BOTH(a_good_set_up_has_no_findings),
		BOTH(each_finding_says_what_to_do),
		BOTH(a_missing_type_or_project_is_found),
		BOTH(a_refused_login_is_a_finding_and_silence_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
