/* A DLL of Windows 10 that Debian's wine 8 lacks: programs written in Rust take random bytes from it.
   tools/wine builds it into wine's own system folder. It is part of no release. */

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *buffer, unsigned long size); /* RtlGenRandom */

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, unsigned long long size)
{
    unsigned long part;

    for (; size > 0; buffer += part, size -= part) {
        part = size > 0x10000000 ? 0x10000000 : (unsigned long)size;
        if (!SystemFunction036(buffer, part))
            return 0;
    }
    return 1;
}
