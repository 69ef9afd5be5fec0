#include "text/chat/filters.hpp"

#include <qslip/detail/core/quote.hpp>

namespace qslip::chat {

static const known_filter* find_filter(std::string_view name) {
    for (const auto family :
         {string_filters(), number_filters(), list_filters(), ordering_filters(), selecting_filters()})
        for (const auto& f : family)
            if (f.name == name) return &f;
    return nullptr;
}

result<value> apply_filter(const std::string& name, const value& input, call_arguments args, budget& costs) {
    const auto* f = find_filter(name);
    if (!f) return status(errc::unsupported, "filter " + qslip::quoted(name));
    return answered("filter", name, args, costs, [&] { return f->run({name, input, args, costs}); });
}

result<value> attribute_of(value v, std::string_view path, budget& costs) {
    while (true) {
        const auto dot = path.find('.');
        QSLIP_TRY(v, get_item(v, make_text(path.substr(0, dot)), costs));
        if (dot == std::string_view::npos) return v;
        path.remove_prefix(dot + 1);
    }
}

}  // namespace qslip::chat
