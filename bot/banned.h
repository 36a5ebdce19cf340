/*
 * banned.h - calls that have no place here, as compile errors. Force-included into every file.
 *
 * Each has a safe counterpart: str.h and mem.h for strings, clock.h for times, random.h,
 * the loop for waiting, and no shell anywhere.
 */
#ifndef BOT_BANNED_H
#define BOT_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Function-like, so that only a call is hit and library headers stay readable. */
#undef strcpy
#define strcpy(...) banned_strcpy_see_bot_banned_h
#undef strcat
#define strcat(...) banned_strcat_see_bot_banned_h
#undef sprintf
#define sprintf(...) banned_sprintf_see_bot_banned_h
#undef vsprintf
#define vsprintf(...) banned_vsprintf_see_bot_banned_h
#undef strncpy
#define strncpy(...) banned_strncpy_see_bot_banned_h
#undef strncat
#define strncat(...) banned_strncat_see_bot_banned_h
#undef strtok
#define strtok(...) banned_strtok_see_bot_banned_h
#undef atoi
#define atoi(...) banned_atoi_see_bot_banned_h
#undef atol
#define atol(...) banned_atol_see_bot_banned_h
#undef atof
#define atof(...) banned_atof_see_bot_banned_h
#undef gmtime
#define gmtime(...) banned_gmtime_see_bot_banned_h
#undef localtime
#define localtime(...) banned_localtime_see_bot_banned_h
#undef ctime
#define ctime(...) banned_ctime_see_bot_banned_h
#undef asctime
#define asctime(...) banned_asctime_see_bot_banned_h
#undef rand
#define rand(...) banned_rand_see_bot_banned_h
#undef srand
#define srand(...) banned_srand_see_bot_banned_h
#undef system
#define system(...) banned_system_see_bot_banned_h
#undef popen
#define popen(...) banned_popen_see_bot_banned_h
#undef sleep
#define sleep(...) banned_sleep_see_bot_banned_h
#undef usleep
#define usleep(...) banned_usleep_see_bot_banned_h
#undef curl_easy_perform
#define curl_easy_perform(...) banned_curl_easy_perform_see_bot_banned_h
#undef tmpnam
#define tmpnam(...) banned_tmpnam_see_bot_banned_h
#undef mktemp
#define mktemp(...) banned_mktemp_see_bot_banned_h

#endif
