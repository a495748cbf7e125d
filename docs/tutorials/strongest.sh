#!/bin/sh
# Prints the strongest point of a diffraction pattern as JSON, and leaves the points around it as a table.
#
#   strongest.sh FILE OUTPUT_DIR
set -eu
name=${1##*/}
awk -v table="$2/${name%.xy}-strongest.csv" '
    !/^#/ && NF == 2 { angle[++points] = $1; counts[points] = $2; if ($2 > counts[top]) top = points }
    END {
        if (!points) { print "no points in this file" > "/dev/stderr"; exit 1 }
        printf "{\"points\": %d, \"two_theta\": %s, \"counts\": %s}\n", points, angle[top], counts[top]
        print "two_theta,counts" > table
        for (at = top - 20; at <= top + 20; at++) if (at in angle) print angle[at] "," counts[at] > table
    }' "$1"
