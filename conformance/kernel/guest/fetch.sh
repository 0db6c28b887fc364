# shellcheck shell=bash
# To be sourced after lib.sh by those who build kernels.

# Fetches packages, each as NAME=VERSION, and unpacks them without installing them: fetch DIRECTORY PACKAGE...
# Writes DIRECTORY.packages, a line of JSON for each.
fetch() {
    local directory=$1 package deb
    shift
    mkdir -p "$directory.debs"
    for package in "$@"; do
        say "fetching $package, $(apt-cache show "$package" | sed -n 's/^Size: //p' | head -n 1 | numfmt --to=iec --suffix=B)"
        # apt checks the signatures; it runs as this user, for the directory is ours alone
        (cd "$directory.debs" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$package")
    done
    for deb in "$directory.debs"/*.deb; do
        printf '{"name": "%s", "version": "%s", "sha256": "%s"}\n' "$(dpkg-deb -f "$deb" Package)" \
            "$(dpkg-deb -f "$deb" Version)" "$(sha256sum < "$deb" | cut -d ' ' -f 1)" >> "$directory.packages"
        dpkg-deb -x "$deb" "$directory"
    done
    rm -rf "$directory.debs"
}
