#pragma once
#include <optional>
#include <string_view>

namespace qslip {

/// What a cell (slice x metric) is for: gate and guard decide (a guard with a wider budget on a thin
/// slice), a tripwire asks for a look, info is printed.
enum class cell_role {
#define QSLIP_ROLE(name) name,
#include <qslip/detail/gates/cell_role.inc>
#undef QSLIP_ROLE
};

constexpr const char* cell_role_name(cell_role role) noexcept {
    switch (role) {
#define QSLIP_ROLE(name)  \
    case cell_role::name: \
        return #name;
#include <qslip/detail/gates/cell_role.inc>
#undef QSLIP_ROLE
    }
    return "info";
}

constexpr std::optional<cell_role> find_cell_role(std::string_view text) noexcept {
#define QSLIP_ROLE(name) \
    if (text == #name) return cell_role::name;
#include <qslip/detail/gates/cell_role.inc>
#undef QSLIP_ROLE
    return std::nullopt;
}

/// True for the roles a release verdict is made of.
constexpr bool decides(cell_role role) noexcept {
    return role == cell_role::gate || role == cell_role::guard;
}

/// Which change is damage: the candidate's rate falling (loss) or rising (gain).
enum class damage_direction { loss, gain };

}  // namespace qslip
