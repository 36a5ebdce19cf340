/*
 * redact.h - secrets out of text that leaves the process: the output of hosts.
 *
 * Taken out, and replaced by "[redacted]" where they stood; names around them stay readable:
 *   - values of telling names: --password=x, -Ddb.password=x, --token x, PASSWORD=x, "secret": "x",
 *     password: x, <password>x</password>, query parameters (token, sig, X-Amz-Signature ...);
 *   - what well-known programs take as a password: mysql -px, sshpass -p x, redis-cli -a x, curl -u a:x ...;
 *   - the password of a URL (https://user:x@host), Authorization and Cookie headers;
 *   - AWS key ids, and 40-character secrets beside one or beside a telling name;
 *   - tokens by their form: Slack, GitHub, GitLab, Stripe, Google, npm, Atlassian, JWT and others;
 *   - the body of PEM private keys; password hashes of crypt(3);
 *   - every registered struct secret.
 * Names that only point at a secret stay as they are: --password-file /x, /etc/passwd, token_ttl=5.
 * What is a secret by none of these marks cannot be known: this is a net, not a wall.
 *
 * Linear time. Valid UTF-8 stays valid. redact(redact(x)) is redact(x): should a text keep revealing
 * more each time (made for that), all of it is taken out.
 */
#ifndef BOT_REDACT_H
#define BOT_REDACT_H

#include <stddef.h>

/* *count: how many were taken out that were not before; may be NULL. The result is the caller's to
 * free(). */
char *redact(const char *text, size_t *count);

#endif
