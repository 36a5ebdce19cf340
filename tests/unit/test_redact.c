/* What is taken out of a text, what stays, and what it costs. The tokens are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>

#include "bot/mem.h"
#include "bot/redact.h"
#include "bot/secret.h"
#include "bot/str.h"

#define R "[redacted]"
#define HEX "0123456789abcdef0123456789abcdef"
#define LONG "Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9Zx9"
/* Taken apart, so that no scanner takes this file for a leak. */
#define KEY_ID "AKIA" "IOSFODNN7EXAMPLE"
#define KEY "wJalrXUtnFEMI/K7MDENG/b" "PxRfiCYEXAMPLEKEY"

struct example {
	const char *text, *redacted;
	size_t count;
};

static void check(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t found = 99;
		char *once = redact(examples[i].text, &found);
		char *twice = redact(once, NULL);
		assert_string_equal(once, examples[i].redacted);
		assert_int_equal(found, examples[i].count);
		assert_string_equal(twice, once);
		free(once);
		free(twice);
	}
}

#define CHECK(examples) check(examples, sizeof(examples) / sizeof((examples)[0]))

static void command_lines_lose_their_passwords(void **state)
{
	static const struct example examples[] = {
		{ "java -Xmx2g -Dpassword=hunter2 -jar app.jar", "java -Xmx2g -Dpassword=" R " -jar app.jar", 1 },
		{ "java -Dspring.datasource.password=p&s;w,d -Dx=1", "java -Dspring.datasource.password=" R " -Dx=1", 1 },
		{ "java -Djavax.net.ssl.keyStorePassword=changeit Main", "java -Djavax.net.ssl.keyStorePassword=" R " Main", 1 },
		{ "/usr/bin/app --password=hunter2 --port 80", "/usr/bin/app --password=" R " --port 80", 1 },
		{ "app --db-password hunter2 --verbose", "app --db-password " R " --verbose", 1 },
		{ "app --password 'two words' x", "app --password '" R "' x", 1 },
		{ "app --password --verbose", "app --password --verbose", 0 },
		{ "keytool -storepass changeit -keypass also -list", "keytool -storepass " R " -keypass " R " -list", 2 },
		{ "PGPASSWORD=hunter2 psql -U bob db", "PGPASSWORD=" R " psql -U bob db", 1 },
		{ "MYSQL_PWD=x1 REDISCLI_AUTH=y2 SSHPASS=z3 run", "MYSQL_PWD=" R " REDISCLI_AUTH=" R " SSHPASS=" R " run", 3 },
		{ "docker run -e SECRET=abc -e DB_PASSWORD='a b' -p 80:80 img",
		  "docker run -e SECRET=" R " -e DB_PASSWORD='" R "' -p 80:80 img", 2 },
		{ "docker login -u bob -p hunter2 r.example.com", "docker login -u bob -p " R " r.example.com", 1 },
		{ "docker login --password-stdin r.example.com", "docker login --password-stdin r.example.com", 0 },
		{ "mysql -uroot -phunter2 shop", "mysql -uroot -p" R " shop", 1 },
		{ "mysqldump -u root -p'hunter2' shop", "mysqldump -u root -p'" R "' shop", 1 },
		{ "mysql -u root -p shop", "mysql -u root -p shop", 0 }, /* asks; shop is the database */
		{ "/usr/sbin/mysqld --password=x9 --port=3306", "/usr/sbin/mysqld --password=" R " --port=3306", 1 },
		{ "0.0 0.1 77 root 00:10 /usr/bin/mysql -phunter2", "0.0 0.1 77 root 00:10 /usr/bin/mysql -p" R, 1 },
		{ "sshpass -p hunter2 ssh -p 2222 bob@web", "sshpass -p " R " ssh -p 2222 bob@web", 1 },
		{ "sshpass -phunter2 scp a b:", "sshpass -p" R " scp a b:", 1 },
		{ "redis-cli -h cache -a hunter2 ping", "redis-cli -h cache -a " R " ping", 1 },
		{ "redis-server --requirepass hunter2 --masterauth h3", "redis-server --requirepass " R " --masterauth " R, 2 },
		{ "curl -u bob:hunter2 https://x.example.com", "curl -u bob:" R " https://x.example.com", 1 },
		{ "curl -ubob:hunter2 x | grep -u a:b", "curl -ubob:" R " x | grep -u a:b", 1 },
		{ "curl --user bob:hunter2 --proxy-user=p:q x", "curl --user bob:" R " --proxy-user=p:" R " x", 2 },
		{ "curl -u bob x", "curl -u bob x", 0 },
		{ "curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: Bearer " R "' x", 1 },
		{ "curl -H Authorization: Bearer abc.def https://x", "curl -H Authorization: Bearer " R " https://x", 1 },
		{ "curl -H \"X-Api-Key: k1\" -H \"X-Vault-Token: s.1\" x",
		  "curl -H \"X-Api-Key: " R "\" -H \"X-Vault-Token: " R "\" x", 2 },
		{ "ldapsearch -x -D cn=admin -w hunter2 -b dc=x", "ldapsearch -x -D cn=admin -w " R " -b dc=x", 1 },
		{ "mongodump -u bob -p hunter2 --db x", "mongodump -u bob -p " R " --db x", 1 },
		{ "sqlcmd -S db -U sa -P hunter2", "sqlcmd -S db -U sa -P " R, 1 },
		{ "C:\\Tools\\sqlcmd.exe -U sa -P hunter2", "C:\\Tools\\sqlcmd.exe -U sa -P " R, 1 },
		{ "plink -pw hunter2 bob@web", "plink -pw " R " bob@web", 1 },
		{ "smbclient -U bob%hunter2 //srv/x", "smbclient -U bob%" R " //srv/x", 1 },
		{ "sqlplus scott/tiger@orcl @x.sql", "sqlplus scott/" R "@orcl @x.sql", 1 },
		{ "snmpwalk -v2c -c private host", "snmpwalk -v2c -c " R " host", 1 },
		{ "openssl pkcs12 -in a -passin pass:hunter2", "openssl pkcs12 -in a -passin pass:" R, 1 },
		{ "setup.exe /password:hunter2 /quiet", "setup.exe /password:" R " /quiet", 1 },
		{ "node server.js --apiKey=k1 --clientSecret k2", "node server.js --apiKey=" R " --clientSecret " R, 2 },
		{ "vault login -method=x token=s.1", "vault login -method=x token=" R, 1 },
		{ "Server=db;User Id=sa;Password=p@ss;Encrypt=yes", "Server=db;User Id=sa;Password=" R ";Encrypt=yes", 1 },
		{ "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v+/==;EndpointSuffix=x",
		  "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" R ";EndpointSuffix=x", 1 },
		{ "CREATE USER 'bob' IDENTIFIED BY 'hunter2';", "CREATE USER 'bob' IDENTIFIED BY '" R "';", 1 },
		{ "ALTER ROLE bob PASSWORD 'hunter2'", "ALTER ROLE bob PASSWORD '" R "'", 1 },
	};

	(void)state;
	CHECK(examples);
}

static void files_and_logs_lose_their_secrets(void **state)
{
	static const struct example examples[] = {
		{ "password: hunter2\nuser: bob\n", "password: " R "\nuser: bob\n", 1 },
		{ "db_password = \"hunter2\" # old", "db_password = \"" R "\" # old", 1 },
		{ "  secret: 'it''s'\n", "  secret: '" R "'\n", 1 },
		{ "{\"user\":\"bob\",\"password\":\"a\\\"b\",\"port\":1}", "{\"user\":\"bob\",\"password\":\"" R "\",\"port\":1}", 1 },
		{ "{\\\"token\\\":\\\"abc\\\",\\\"x\\\":1}", "{\\\"token\\\":\\\"" R "\\\",\\\"x\\\":1}", 1 },
		{ "{'api_key': 'abc', 'n': 1}", "{'api_key': '" R "', 'n': 1}", 1 },
		{ "{password=abc, user=bob}", "{password=" R ", user=bob}", 1 },
		{ "<password>hunter2</password><b>x</b>", "<password>" R "</password><b>x</b>", 1 },
		{ "Cookie: sid=1; theme=dark\nHost: x", "Cookie: " R "\nHost: x", 1 },
		{ "Authorization: Basic Ym9iOng=\n", "Authorization: Basic " R "\n", 1 },
		{ "authorization: AWS4-HMAC-SHA256 Credential=c/s, Signature=0a\nx", "authorization: AWS4-HMAC-SHA256 " R "\nx", 1 },
		{ "Authorization: Custom one two\nx", "Authorization: " R "\nx", 1 },
		{ "{\"Authorization\": \"Bearer abc\"}", "{\"Authorization\": \"" R "\"}", 1 },
		{ "sent Bearer 0123456789abcdefgh to x", "sent Bearer " R " to x", 1 },
		{ "user[password]=hunter2&user[name]=bob", "user[password]=" R "&user[name]=bob", 1 },
		{ "ENV['SECRET_KEY_BASE'] => 'abc'", "ENV['SECRET_KEY_BASE'] => '" R "'", 1 },
		{ "//r.example.com/:_authToken=abc-def\n_auth=Ym9i", "//r.example.com/:_authToken=" R "\n_auth=" R, 2 },
		{ "export AWS_SECRET_ACCESS_KEY=" KEY " AWS_SESSION_TOKEN=IQoJ==", "export AWS_SECRET_ACCESS_KEY=" R
		  " AWS_SESSION_TOKEN=" R, 2 },
		{ "root:$6$salt$" LONG ":19000:0:99999", "root:" R ":19000:0:99999", 1 },
	};

	(void)state;
	CHECK(examples);
}

static void urls_lose_passwords_and_signatures(void **state)
{
	static const struct example examples[] = {
		{ "git clone https://bob:hunter2@git.example.com/x", "git clone https://bob:" R "@git.example.com/x", 1 },
		{ "postgres://app:p%40ss/w:rd@db:5432/x?y=1", "postgres://app:" R "@db:5432/x?y=1", 1 },
		{ "redis://:hunter2@cache:6379/0", "redis://:" R "@cache:6379/0", 1 },
		{ "a=https://b:c@d, e=https://f:g@h", "a=https://b:" R "@d, e=https://f:" R "@h", 2 },
		{ "https://proxy/https://b:c@d", "https://proxy/https://b:" R "@d", 1 },
		{ "https://01234567890123456789@x.example.com", "https://" R "@x.example.com", 1 },
		{ "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F1&X-Amz-Date=2026"
		  "&X-Amz-Security-Token=IQoJ%3D&X-Amz-Signature=0a1b&x=1 200",
		  "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" R "&X-Amz-Date=2026"
		  "&X-Amz-Security-Token=" R "&X-Amz-Signature=" R "&x=1 200", 3 },
		{ "GET /x?access_token=abc&a=b HTTP/1.1", "GET /x?access_token=" R "&a=b HTTP/1.1", 1 },
		{ "{\"u\":\"https://x/?sig=a%2Fb\",\"v\":1}", "{\"u\":\"https://x/?sig=" R "\",\"v\":1}", 1 },
		{ "https://hooks.slack." "com/services/T000/B000/abcdef ok", "https://hooks.slack.com/services/" R " ok", 1 },
	};

	(void)state;
	CHECK(examples);
}

static void tokens_are_known_by_their_form(void **state)
{
	static const char *const tokens[] = {
		KEY_ID, "ASIA" "0123456789ABCDEF", "xoxb-" "123456789012-abcDEF", "xoxp-" "1-2-3-abcdef", "xapp-" "1-A0-1-abcdef",
		"xoxe." "xoxp-1-abcdefgh", "ghp_" LONG, "gho_" LONG, "ghs_" LONG, "github_pat_" LONG "_" LONG, "glpat-" "abcdefghij_klmnopqrs",
		"sk_live_" LONG, "rk_test_" LONG, "AIza" "SyA1234567890abcdefghijklmnopqrstuv", "ya29." LONG,
		"npm_" LONG, "ATATT3" LONG "=0A1B", "SG." LONG "." LONG, "hvs." LONG, "dop_v1_" HEX HEX, "pypi-AgE" LONG, "sk-ant-" LONG,
		"eyJhbGciOi" "JIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_DEF-123",
	};
	struct mem mem = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		const struct example examples[] = {
			{ tokens[i], R, 1 },
			{ mem_printf(&mem, "x %s, \"%s\"", tokens[i], tokens[i]), "x " R ", \"" R "\"", 2 },
			{ mem_printf(&mem, "/a/%s/b?c=%s&d", tokens[i], tokens[i]), "/a/" R "/b?c=" R "&d", 2 },
		};
		CHECK(examples);
	}
	const struct example beside[] = {
		{ KEY_ID "," KEY "\n", R "," R "\n", 2 },
		{ "aws_secret_access_key     " KEY, "aws_secret_access_key     " R, 1 },
		{ "Secret access key\n" KEY, "Secret access key\n" KEY, 0 }, /* another line: any 40 characters */
		{ "x whsec_" LONG "/+= y", "x " R " y", 1 },
		{ "{\"SecretAccessKey\": \"" KEY "\"}", "{\"SecretAccessKey\": \"" R "\"}", 1 },
	};
	CHECK(beside);
	mem_free_all(&mem);
}

#define BODY "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn\nygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB\n"
#define RSA(body) "-----BEGIN RSA PRIVATE KEY-----" body "-----END RSA PRIVATE KEY-----"

static void keys_lose_their_body(void **state)
{
	static const struct example examples[] = {
		{ "a\n" RSA("\n" BODY) "\nb", "a\n" RSA(R) "\nb", 1 },
		{ RSA("\nProc-Type: 4,ENCRYPTED\n\n" BODY) RSA("x"), RSA(R) RSA(R), 2 },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\n" BODY, "-----BEGIN OPENSSH PRIVATE KEY-----" R, 1 },
		{ "end\n:" BODY "-----END PRIVATE KEY-----\nx", "end\n:" R "-----END PRIVATE KEY-----\nx", 1 },
		{ "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----",
		  "-----BEGIN PGP PRIVATE KEY BLOCK-----" R "-----END PGP PRIVATE KEY BLOCK-----", 1 },
		{ "{\"key\":\"-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\\n\"}",
		  "{\"key\":\"-----BEGIN PRIVATE KEY-----" R "-----END PRIVATE KEY-----\\n\"}", 1 },
		{ "-----BEGIN CERTIFICATE-----\n" BODY "-----END CERTIFICATE-----",
		  "-----BEGIN CERTIFICATE-----\n" BODY "-----END CERTIFICATE-----", 0 },
		{ "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----", 0 },
	};

	(void)state;
	CHECK(examples);
}

static void ordinary_text_stays(void **state)
{
	static const char *const texts[] = {
		"", " ", "\n\n", "[redacted]", "plain words", "/etc/passwd: permission denied", "ls -l /etc/passwd /etc/shadow",
		"passwd: password updated successfully", "mysqld --password-file=/etc/mysql/pw --socket=/run/m.sock",
		"mysqld --init-file /x --secrets-dir /run/secrets", "--token-path /var/run/token --token-ttl=300", "password_file = /x/y",
		"PASSWORD_FILE=/run/secrets/db", "max_tokens: 4096 tokens=12", "a password is required", "the secret of the token bucket",
		"sshd: PasswordAuthentication no", "sudo: NOPASSWD: ALL", "secretName: db-credentials", "SecretId: prod/db",
		"secret_arn=arn:aws:secretsmanager:us-east-1:1:secret:x", "password=", "password:\nnext", "PASSWORD= cmd", "token: null",
		"password: true", "\"password\": null", "key: value", "KeyName=web", "public_key=abc", "keyboard=us", "monkey: banana",
		"data: iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
		"commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"https://example.com/a@b:c", "https://example.com:8443/x?y=z#t", "git@github.com:a/b.git", "ssh://git@host/x",
		"mailto:bob@example.com", "http://[::1]:80/a@2x.png", "arn:aws:sns:us-east-1:123456789012:alarms", "i-0123456789abcdef0",
		"Bearer authentication is required", "docker run -p 8080:80 -e A=b img", "ps -p 1 -u root", "ssh -p 22 bob@web",
		"grep -a x", "kubectl -n a get secret db -o yaml", "compass=north bypass=1", "ghp_short", "sk-learn", "eyJ.eyJ.x",
		"eyJhbGciOiJIUzI1NiJ9 alone", "AKIA", "AKIA0123456789abcdefgh", "AKIA0123456789ABCDEFGHIJ", "xAKIA0123456789ABCDEF",
		"signature: valid", "expires 12:30, at 10:00:01", "CPU% MEM% RSS-MiB\n 1.0 2.0 3 [kworker/0:1]", "rest: 5 passed, 2 failed",
		"\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\xa5 mot de passe", "sqlplus / as sysdba",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct example example = { texts[i], texts[i], 0 };
		check(&example, 1);
	}
}

static void utf8_is_never_cut(void **state)
{
	static const struct example examples[] = {
		{ "\xe2\x82\xacpassword=\xe2\x82\xac\xf0\x9f\x94\xa5 \xc3\xa9", "\xe2\x82\xacpassword=" R " \xc3\xa9", 1 },
		{ "mysql -p\xc3\xa9x\xc3\xa9 d", "mysql -p" R " d", 1 },
		{ "https://a:\xc3\xa9@\xc3\xa9.example", "https://a:" R "@\xc3\xa9.example", 1 },
		{ "token=\xc3\xa9;\xc3\xa9\"\xc3\xa9", "token=" R, 1 },
		{ "\xc3\xa9ghp_" LONG "\xc3\xa9", "\xc3\xa9" R "\xc3\xa9", 1 },
		{ "x:\xc3\xa9" BODY "-----END PRIVATE KEY-----", "x:\xc3\xa9" R "-----END PRIVATE KEY-----", 1 },
	};

	(void)state;
	CHECK(examples);
}

static void registered_secrets_go_wherever_they_stand(void **state)
{
	struct secret one = { 0 }, two = { 0 };
	static const struct example examples[] = {
		{ "xxplainsecretyy plainsecret", "xx" R "yy " R, 2 },
		{ "plainsecretive", R, 1 }, /* two of them, overlapping */
		{ "plain secret", "plain secret", 0 },
	};

	(void)state;
	secret_set(&one, "plainsecret");
	secret_set(&two, "secretive");
	CHECK(examples);
	secret_free(&one);
	secret_free(&two);
}

/* A process list as it reaches us, with planted values that all have one mark. */
static void planted_secrets_appear_nowhere(void **state)
{
	static const char text[] =
		"CPU%  MEM%     PID USER      ELAPSED COMMAND\n"
		"99.0   1.0     101 app        10:00 java -Xms1g -Ddb.password=PLANTED1 -jar /opt/app.jar --spring.mail.password=PLANTED2\n"
		" 5.0   1.0     102 mysql   1d 1:00:00 /usr/sbin/mysqld --basedir=/usr --user=mysql --password=PLANTED3\n"
		" 4.0   0.1     103 bob        00:01 curl -sS -u ci:PLANTED4 -H PRIVATE-TOKEN: PLANTED5 https://x/y?private_token=PLANTED6\n"
		" 3.0   0.1     104 root       00:01 docker run -d -e POSTGRES_PASSWORD=PLANTED7 -e APP_SECRET=PLANTED8 pg\n"
		" 2.0   0.1     105 root       00:01 sshpass -p PLANTED9 rsync -e ssh -p 22 a b\n"
		" 1.0   0.1     106 root       00:01 redis-cli -h r -a PLANTED10 monitor\n"
		" 1.0   0.1     107 root       00:01 psql postgresql://app:PLANTED11@db/shop\n"
		" 1.0   0.1     108 root       00:01 npm publish --//registry.example.com/:_authToken=PLANTED12\n"
		" 1.0   0.1     109 root       00:01 env VAULT_TOKEN=PLANTED13 GITHUB_TOKEN=PLANTED14 run\n"
		" 1.0   0.1     110 root       00:01 wget --http-password=PLANTED15 --user=bob ftp://u:PLANTED16@h/f\n"
		"kernel: Out of memory: Killed process 101 (java) total-vm:1kB\n";
	size_t count;
	char *out = redact(text, &count);

	(void)state;
	assert_null(strstr(out, "PLANTED"));
	assert_int_equal(count, 16);
	assert_non_null(strstr(out, "java -Xms1g -Ddb.password=" R " -jar /opt/app.jar"));
	assert_non_null(strstr(out, "mysqld --basedir=/usr --user=mysql --password=" R "\n"));
	assert_non_null(strstr(out, "rsync -e ssh -p 22 a b\n"));
	assert_non_null(strstr(out, "Killed process 101 (java) total-vm:1kB\n"));
	free(out);
}

static char *repeated(const char *piece, size_t size)
{
	struct str out;

	str_init(&out, size);
	while (!out.cut)
		str_add(&out, piece);
	return str_take(&out);
}

static double cpu_seconds(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/* Fails when it takes more CPU time than linear work ever could, under sanitizers on a slow machine. */
static void redact_in_time(const char *piece, size_t size)
{
	char *text = repeated(piece, size);
	double before = cpu_seconds();
	char *out = redact(text, NULL);

	if (cpu_seconds() - before > 20)
		fail_msg("%zu bytes of \"%s\" took %.1f s", size, piece, cpu_seconds() - before);
	assert_true(str_utf8_valid(out, strlen(out)) || !str_utf8_valid(text, strlen(text)));
	free(out);
	free(text);
}

/* Work that grows with the square of the length would take minutes for each of these. */
static void hostile_text_is_linear_work(void **state)
{
	static const char *const pieces[] = {
		"a", " ", "\n", "-", "--", ":", "://", "://a:b", "a://a:b@", "a:b@", "@", "password", "password=", "password ", "password=\"",
		"--password ", "password:'", "\\\"", "\"token\":\"", "a=b&", "token=a&", "secret=a;", "Authorization: ", "identified by ",
		"identified by", "AKIA", "AKIA0123456789ABCDEF", "eyJ", "eyJaaaaaaaa-", "eyJaaaaaaaa.", "eyJaaaaaaaa.eyJaaaaaaaa.x", "xoxb-",
		"xoxb-a ", "glpat-", "bearer ", "Bearer a1", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----",
		"-----BEGIN A", "aaaa-----END PRIVATE KEY-----", "curl -u ", "mysql -p", "sqlplus a/b ", "docker login -p ", "$6$", "a.", "a_",
		"<password>", "[redacted]", "password=[redacted]", "\xc3\xa9", "Aa0/+", "aws ", "secretA", "hooks.slack.com/services/",
	};
	bool slow = getenv("TOCSIN_UNDER_VALGRIND") != NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		redact_in_time(pieces[i], slow ? 1 << 14 : 1 << 18);
	redact_in_time(" 5.0   1.0     102 mysql   1d 1:00:00 /usr/sbin/mysqld --user=mysql --password=x -v\n",
	               slow ? 1 << 16 : 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_lose_their_passwords),
		cmocka_unit_test(files_and_logs_lose_their_secrets),
		cmocka_unit_test(urls_lose_passwords_and_signatures),
		cmocka_unit_test(tokens_are_known_by_their_form),
		cmocka_unit_test(keys_lose_their_body),
		cmocka_unit_test(ordinary_text_stays),
		cmocka_unit_test(utf8_is_never_cut),
		cmocka_unit_test(registered_secrets_go_wherever_they_stand),
		cmocka_unit_test(planted_secrets_appear_nowhere),
		cmocka_unit_test(hostile_text_is_linear_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
