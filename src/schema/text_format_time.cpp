// Dates, times and durations: RFC 3339, with its appendix A.
#include "schema/text_format.hpp"

namespace qslip::schema::formats {
namespace {

bool take_date(std::string_view& text) {
    int year = 0, month = 0, day = 0;
    if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-') ||
        !take_digits(text, 2, day))
        return false;
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return false;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/// Minutes east of UTC.
bool take_offset(std::string_view& text, int& east) {
    east = 0;
    if (take(text, 'Z') || take(text, 'z')) return true;
    const bool plus = take(text, '+');
    int hour = 0, minute = 0;
    if ((!plus && !take(text, '-')) || !take_digits(text, 2, hour) || !take(text, ':') ||
        !take_digits(text, 2, minute) || hour > 23 || minute > 59)
        return false;
    east = (hour * 60 + minute) * (plus ? 1 : -1);
    return true;
}

/// n digits, then the first of `units` it may be; those before are over. 0: no unit or no digits.
char take_unit(std::string_view& text, std::string_view units) {
    std::size_t n = 0;
    while (n < text.size() && digit(text[n])) ++n;
    if (n == 0 || n == text.size() || units.find(text[n]) == units.npos) return 0;
    const char unit = text[n];
    text.remove_prefix(n + 1);
    return unit;
}

/// A run of neighbouring units: after one, only the next may follow.
bool take_run(std::string_view& text, std::string_view units) {
    const char first = take_unit(text, units);
    if (first == 0) return false;
    for (auto at = units.find(first) + 1; at < units.size() && !text.empty() && digit(text[0]); ++at)
        if (take_unit(text, units.substr(at, 1)) == 0) return false;
    return true;
}

}  // namespace

bool date(std::string_view text) { return take_date(text) && text.empty(); }

bool time(std::string_view text) {
    int hour = 0, minute = 0, second = 0, east = 0;
    if (!take_digits(text, 2, hour) || !take(text, ':') || !take_digits(text, 2, minute) ||
        !take(text, ':') || !take_digits(text, 2, second) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (take(text, '.')) {
        if (text.empty() || !digit(text[0])) return false;
        while (!text.empty() && digit(text[0])) text.remove_prefix(1);
    }
    if (!take_offset(text, east) || !text.empty()) return false;
    // Leap seconds are put in at the end of a day in UTC.
    return second < 60 || (hour * 60 + minute - east + 2 * 1440) % 1440 == 1439;
}

bool date_time(std::string_view text) {
    return take_date(text) && (take(text, 'T') || take(text, 't')) && time(text);
}

bool duration(std::string_view text) {
    if (!take(text, 'P') || text.empty()) return false;
    if (auto weeks = text; take_unit(weeks, "W") != 0) return weeks.empty();
    if (text[0] != 'T' && !take_run(text, "YMD")) return false;
    if (take(text, 'T') && !take_run(text, "HMS")) return false;
    return text.empty();
}

}  // namespace qslip::schema::formats
