#include "schema/uri.hpp"

namespace qslip::schema {
namespace {

struct uri_parts {
    std::string_view scheme, authority, path, query, fragment;  // delimiters included, but for the path's
};

std::string_view take(std::string_view& text, std::size_t size) {
    const auto part = text.substr(0, size);
    text.remove_prefix(part.size());
    return part;
}

bool is_scheme(std::string_view text) {
    if (text.empty() || !((text[0] | 32) >= 'a' && (text[0] | 32) <= 'z')) return false;
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") ==
           text.npos;
}

uri_parts parts_of(std::string_view text) {
    uri_parts out;
    const auto colon = text.find(':');
    if (colon != text.npos && is_scheme(text.substr(0, colon))) out.scheme = take(text, colon + 1);
    if (text.starts_with("//"))
        out.authority = take(text, std::min(text.find_first_of("/?#", 2), text.size()));
    out.path = take(text, std::min(text.find_first_of("?#"), text.size()));
    out.query = take(text, std::min(text.find('#'), text.size()));
    out.fragment = text;
    return out;
}

std::string without_dots(std::string_view in) {
    std::string out;
    while (!in.empty()) {
        if (in.starts_with("/./") || in == "/.") {
            in = in.size() > 3 ? in.substr(2) : "/";
        } else if (in.starts_with("/../") || in == "/..") {
            in = in.size() > 4 ? in.substr(3) : "/";
            out.resize(std::min(out.rfind('/'), out.size()));
        } else {
            out += take(in, std::min(in.find('/', 1), in.size()));
        }
        if (in == "/" && (out.empty() || out.back() != '/')) {
            out += '/';
            break;
        }
    }
    return out;
}

std::string merged(const uri_parts& base, std::string_view path) {
    if (path.starts_with('/')) return without_dots(path);
    const auto slash = base.path.rfind('/');
    if (slash == base.path.npos)
        return base.authority.empty() ? std::string(path) : without_dots("/" + std::string(path));
    std::string joined(base.path.substr(0, slash + 1));
    joined += path;
    return joined.starts_with('/') ? without_dots(joined) : joined;
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
    return -1;
}

}  // namespace

std::string resolve_uri(std::string_view base_text, std::string_view reference) {
    const auto base = parts_of(base_text), ref = parts_of(reference);
    if (!ref.scheme.empty()) return std::string(reference);
    std::string out(base.scheme);
    if (!ref.authority.empty()) return out + std::string(reference);
    out += base.authority;
    if (ref.path.empty()) {
        out += base.path;
        out += ref.query.empty() ? base.query : ref.query;
    } else {
        out += merged(base, ref.path);
        out += ref.query;
    }
    return out += ref.fragment;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::pair<std::string, std::string> split_fragment(std::string_view uri) {
    const auto hash = uri.find('#');
    return {std::string(uri.substr(0, hash)), hash == uri.npos ? "" : percent_decoded(uri.substr(hash + 1))};
}

}  // namespace qslip::schema
