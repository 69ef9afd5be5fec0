// A verdict as JSON.
#include <qslip/detail/json/json_writer.hpp>
#include <qslip/schema.hpp>

#include <algorithm>

namespace qslip::schema {
namespace {

class writer {
public:
    writer(const std::vector<error>& errors, std::string& out) : errors_(errors), json_(out) {}

    /// Units [begin, end) as a list of trees; each unit stands behind what it holds. No recursion.
    void list(std::size_t begin, std::size_t end, bool nested) {
        push_units(begin, end, nested);
        while (!todo_.empty()) {
            const auto [at, closes] = todo_.back();
            todo_.pop_back();
            if (closes) {
                json_.end_array().end_object();
                continue;
            }
            locations(errors_[at]);
            const auto n = nested ? errors_[at].n_causes : 0;
            if (n == 0) {
                json_.end_object();
                continue;
            }
            json_.key("errors").begin_array();
            todo_.push_back({at, true});
            push_units(at - n, at, nested);
        }
    }
    std::size_t n_units(std::size_t end) const {
        std::size_t n = 0;
        for (; end > 0; ++n) end -= 1 + errors_[end - 1].n_causes;
        return n;
    }
    json_writer& json() { return json_; }

private:
    /// The first one on top.
    void push_units(std::size_t begin, std::size_t end, bool nested) {
        for (auto at = end; at > begin; at -= 1 + (nested ? errors_[at - 1].n_causes : 0))
            todo_.push_back({at - 1, false});
    }
    void locations(const error& e) {
        json_.begin_object().key("valid").value(false);
        json_.key("keywordLocation").value(e.keyword_location);
        if (!e.schema_location.starts_with('#'))
            json_.key("absoluteKeywordLocation").value(e.schema_location);
        json_.key("instanceLocation").value(e.instance_location);
        if (!e.message.empty()) json_.key("error").value(e.message);
    }

    struct visit {
        std::size_t at;
        bool closes;
    };
    const std::vector<error>& errors_;
    json_writer json_;
    std::vector<visit> todo_;
};

}  // namespace

std::string output_json(const verdict& v, output how) {
    std::string out;
    writer w(v.errors, out);
    const bool nested = how == output::detailed;
    if (nested && w.n_units(v.errors.size()) == 1) {
        w.list(0, v.errors.size(), true);
        return out;
    }
    w.json().begin_object().key("valid").value(v.valid);
    if (!v.valid && how != output::flag) {
        if (nested) w.json().key("keywordLocation").value("").key("instanceLocation").value("");
        w.json().key("errors").begin_array();
        w.list(0, v.errors.size(), nested);
        w.json().end_array();
    }
    w.json().end_object();
    return out;
}

}  // namespace qslip::schema
