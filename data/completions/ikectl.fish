# SPDX-License-Identifier: ISC
# Completion of ikectl(8) for fish. ikectl itself knows what could stand next.

function __ikectl_words
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for name in (timeout 2 $typed[1] --complete $typed[2..-1] "$current" 2>/dev/null)
        if test "$name" = "<path>"
            __fish_complete_path "$current"
        else
            echo $name
        end
    end
end

complete -c ikectl -f -a '(__ikectl_words)'
