#include "report/section.hpp"
#include <qslip/detail/core/text.hpp>

#include <algorithm>

#include "report/format.hpp"

namespace qslip::report {
namespace {

struct section_info {
    std::string_view id, path;
    shown when;
    row_identity identity;
    std::string_view title;
};
constexpr section_info all_sections[] = {
#define QSLIP_SECTION(id, path, when, rows, title) {#id, path, shown::when, row_identity::rows, title},
#include "report/section.inc"
#undef QSLIP_SECTION
};

/// Walks from a group along the path of a section and adds a row at each of its ends.
class section_walk {
public:
    section_walk(const section_info& info, std::string root) : root_(std::move(root)) {
        out_.id = info.id;
        out_.title = info.title;
        out_.when = info.when;
        out_.identity = info.identity;
        path_ = info.path;
    }

    section rows_of(const fact& start) {
        walk(start, root_, path_);
        drop_empty_columns();
        return std::move(out_);
    }

private:
    struct label {
        std::string heading, text;
    };

    void walk(const fact& node, const std::string& at, std::string_view rest) {
        if (rest.empty()) return add_row(node, at);
        const auto part = rest.substr(0, rest.find('.'));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        const auto next = (at.empty() ? "" : at + ".") + std::string(part);
        if (part.ends_with("[]"))
            walk_list(node[part.substr(0, part.size() - 2)], next, rest);
        else if (is_placeholder(part))
            walk_names(node, at, next, rest);
        else if (const auto* found = node.find(part))
            walk(*found, next, rest);
    }

    void walk_list(const fact& list, const std::string& next, std::string_view rest) {
        for (const auto& item : list.items()) {
            const bool is_labelled = !rest.empty();
            if (is_labelled) labels_.push_back({"slice", item["name"].text()});
            walk(item, next, rest);
            if (is_labelled) labels_.pop_back();
        }
    }

    void walk_names(const fact& node, const std::string& at, const std::string& next, std::string_view rest) {
        for (const auto& [key, value] : node.members()) {
            const auto* f = find_field(at, key);
            if (!f || f->path != next) continue;
            metric_ = find_metric(key);
            labels_.push_back({metric_ ? "metric" : heading_of(last_part(next)), key});
            walk(value, next, rest);
            labels_.pop_back();
        }
    }

    static std::string heading_of(std::string_view placeholder) {
        return std::string(placeholder.substr(1, placeholder.size() - 2));
    }

    void add_row(const fact& node, const std::string& at) {
        if (!node.is_group() && node.count() == 0) return;  // a counter of nothing
        section_row row;
        row.metric = metric_;
        std::size_t next = 0;
        for (const auto& l : labels_) put(row, next, {l.heading, l.heading, field_kind::text, true}, l.text);
        if (!node.is_group()) {
            put(row, next, {"n", "n", field_at(at)->kind, false}, node);
        } else {
            for (const auto* f : fields_of(at))
                if (!f->heading.empty())
                    put(row, next, {std::string(last_part(f->path)), std::string(f->heading), f->kind, false},
                        node[last_part(f->path)]);
        }
        out_.rows.push_back(std::move(row));
    }

    /// Fields of one heading share a column: a metric has a mean, a rate or a ratio.
    void put(section_row& row, std::size_t& next, column c, const fact& cell) {
        if (next > 0 && out_.columns[next - 1].heading == c.heading) {
            if (!cell.is_null()) row.cells.back() = cell;
            return;
        }
        if (next == out_.columns.size()) out_.columns.push_back(std::move(c));
        row.cells.push_back(cell);
        ++next;
    }

    void drop_empty_columns() {
        for (std::size_t i = out_.columns.size(); i-- > 0;) {
            const bool has_some = std::ranges::any_of(
                out_.rows, [&](const section_row& row) { return !row.cells[i].is_null(); });
            if (has_some) continue;
            const auto at = static_cast<std::ptrdiff_t>(i);
            out_.columns.erase(out_.columns.begin() + at);
            for (auto& row : out_.rows) row.cells.erase(row.cells.begin() + at);
        }
    }

    std::string root_;
    std::string_view path_;
    section out_;
    std::vector<label> labels_;
    std::optional<metric_info> metric_;
};

constexpr const section_info& ranking_info = all_sections[0];

}  // namespace

section ranking_of(const fact& document) {
    auto ranking = section_walk(ranking_info, "").rows_of(document);
    if (ranking.rows.size() == 1) ranking.rows.clear();
    return ranking;
}

std::vector<section> sections_of(const fact& candidate) {
    std::vector<section> out;
    for (const auto& info : all_sections) {
        if (&info == &ranking_info) continue;
        auto section = section_walk(info, "candidates[]").rows_of(candidate);
        if (!section.rows.empty()) out.push_back(std::move(section));
    }
    return out;
}

bool is_number(field_kind kind) {
    return kind != field_kind::text && kind != field_kind::flag && kind != field_kind::list &&
           kind != field_kind::group;
}

std::string shown_as(const fact& cell, field_kind kind, const std::optional<metric_info>& metric) {
    if (cell.is_null()) return "-";
    switch (kind) {
        case field_kind::text: return cell.text();
        case field_kind::flag: return cell.flag() ? "yes" : "no";
        case field_kind::count: return grouped(cell.count());
        case field_kind::share: return percent(cell.number());
        case field_kind::change: return points(cell.number()) + " pt";
        case field_kind::amount:
            if (metric && metric->form == metric_form::rate) return percent(cell.number());
            [[fallthrough]];
        default: return significant(cell.number(), 3);
    }
}

}  // namespace qslip::report
