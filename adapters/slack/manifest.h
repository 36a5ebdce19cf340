/* manifest.h - what the app manifest asks for; the manifest itself is in slack.h. */
#ifndef ADAPTERS_SLACK_MANIFEST_H
#define ADAPTERS_SLACK_MANIFEST_H

struct str;

/* granted: "a:read,b:write", as Slack's header X-OAuth-Scopes lists a token's. Appends those that the manifest has
 * and the token has not: "b:read, c:write". */
void slack_manifest_missing(struct str *out, const char *granted);

#endif
