<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name />
    <message numerus="yes">
        <source>%n file(s) have not been sent yet.</source>
        <translation>
            <numerusform>%n file has not been sent yet.</numerusform>
            <numerusform>%n files have not been sent yet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) need your attention</source>
        <translation>
            <numerusform>%n file needs your attention</numerusform>
            <numerusform>%n files need your attention</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Offline – %n file(s) waiting, safe on this computer</source>
        <translation>
            <numerusform>Offline – %n file waiting, safe on this computer</numerusform>
            <numerusform>Offline – %n files waiting, safe on this computer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Offline since %1 – %n file(s) waiting, safe on this computer</source>
        <translation>
            <numerusform>Offline since %1 – %n file waiting, safe on this computer</numerusform>
            <numerusform>Offline since %1 – %n files waiting, safe on this computer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) did not arrive whole</source>
        <translation>
            <numerusform>%n file did not arrive whole</numerusform>
            <numerusform>%n files did not arrive whole</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 – %n file(s) waiting</source>
        <translation>
            <numerusform>%1 – %n file waiting</numerusform>
            <numerusform>%1 – %n files waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are being received</source>
        <translation>
            <numerusform>%n file is being received</numerusform>
            <numerusform>%n files are being received</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting to be sent</source>
        <translation>
            <numerusform>%n file waiting to be sent</numerusform>
            <numerusform>%n files waiting to be sent</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting to be stored</source>
        <translation>
            <numerusform>%n file waiting to be stored</numerusform>
            <numerusform>%n files waiting to be stored</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting to be processed</source>
        <translation>
            <numerusform>%n file waiting to be processed</numerusform>
            <numerusform>%n files waiting to be processed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sent</source>
        <translation>
            <numerusform>%n sent</numerusform>
            <numerusform>%n sent</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checked</source>
        <translation>
            <numerusform>%n checked</numerusform>
            <numerusform>%n checked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n arrived</source>
        <translation>
            <numerusform>%n arrived</numerusform>
            <numerusform>%n arrived</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n received</source>
        <translation>
            <numerusform>%n received</numerusform>
            <numerusform>%n received</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n stored</source>
        <translation>
            <numerusform>%n stored</numerusform>
            <numerusform>%n stored</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n processed</source>
        <translation>
            <numerusform>%n processed</numerusform>
            <numerusform>%n processed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) being checked</source>
        <translation>
            <numerusform>%n file being checked</numerusform>
            <numerusform>%n files being checked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Offline – %n file(s) waiting</source>
        <translation>
            <numerusform>Offline – %n file waiting</numerusform>
            <numerusform>Offline – %n files waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Offline since %1 – %n file(s) waiting</source>
        <translation>
            <numerusform>Offline since %1 – %n file waiting</numerusform>
            <numerusform>Offline since %1 – %n files waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting</source>
        <translation>
            <numerusform>%n file waiting</numerusform>
            <numerusform>%n files waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Your files are safe on this computer; %n of them are waiting.</source>
        <translation>
            <numerusform>Your files are safe on this computer; %n of them is waiting.</numerusform>
            <numerusform>Your files are safe on this computer; %n of them are waiting.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cause(s)</source>
        <translation>
            <numerusform>%n cause</numerusform>
            <numerusform>%n causes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %n file(s) need your attention</source>
        <translation>
            <numerusform>%1: %n file needs your attention</numerusform>
            <numerusform>%1: %n files need your attention</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tries</source>
        <translation>
            <numerusform>%n try</numerusform>
            <numerusform>%n tries</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) had been missed</source>
        <translation>
            <numerusform>%n change had been missed</numerusform>
            <numerusform>%n changes had been missed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n minute</numerusform>
            <numerusform>%n minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%n hour</numerusform>
            <numerusform>%n hours</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The topic exists, but keeps files for %n hour(s) only.</source>
        <translation>
            <numerusform>The topic exists, but keeps files for %n hour only.</numerusform>
            <numerusform>The topic exists, but keeps files for %n hours only.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The topic exists, but keeps files for %n day(s) only.</source>
        <translation>
            <numerusform>The topic exists, but keeps files for %n day only.</numerusform>
            <numerusform>The topic exists, but keeps files for %n days only.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) need to be corrected first.</source>
        <translation>
            <numerusform>%n field needs to be corrected first.</numerusform>
            <numerusform>%n fields need to be corrected first.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tries for each file</source>
        <translation>
            <numerusform>%n tries for each file</numerusform>
            <numerusform>%n tries for each file</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BucketForm</name>
    <message numerus="yes">
        <source>%n bucket(s) to choose from</source>
        <translation>
            <numerusform>%n bucket to choose from</numerusform>
            <numerusform>%n buckets to choose from</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BucketList</name>
    <message numerus="yes">
        <source>%n task(s)</source>
        <translation>
            <numerusform>%n task</numerusform>
            <numerusform>%n tasks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BucketTestView</name>
    <message numerus="yes">
        <source>This bucket works, with %n warning(s)</source>
        <translation>
            <numerusform>This bucket works, with %n warning</numerusform>
            <numerusform>This bucket works, with %n warnings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CauseCard</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Closing</name>
    <message numerus="yes">
        <source>%n file(s) are still on their way.</source>
        <translation>
            <numerusform>%n file is still on its way.</numerusform>
            <numerusform>%n files are still on their way.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConnectionTestView</name>
    <message numerus="yes">
        <source>This connection works, with %n warning(s)</source>
        <translation>
            <numerusform>This connection works, with %n warning</numerusform>
            <numerusform>This connection works, with %n warnings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConnectionsPage</name>
    <message numerus="yes">
        <source>%n task(s) send or receive over it:</source>
        <translation>
            <numerusform>%n task sends or receives over it:</numerusform>
            <numerusform>%n tasks send or receive over it:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n task(s)</source>
        <translation>
            <numerusform>%n task</numerusform>
            <numerusform>%n tasks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DropWindow</name>
    <message numerus="yes">
        <source>Send %n file(s), %1, to the topic %2?</source>
        <translation>
            <numerusform>Send %n file, %1, to the topic %2?</numerusform>
            <numerusform>Send %n files, %1, to the topic %2?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n temporary or hidden file(s) are left out.</source>
        <translation>
            <numerusform>%n temporary or hidden file is left out.</numerusform>
            <numerusform>%n temporary or hidden files are left out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are not sent</source>
        <translation>
            <numerusform>%n file is not sent</numerusform>
            <numerusform>%n files are not sent</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FileSearch</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilesFilter</name>
    <message numerus="yes">
        <source>All files: %n</source>
        <translation>
            <numerusform>All files: %n</numerusform>
            <numerusform>All files: %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Only %1: %n file(s)</source>
        <translation>
            <numerusform>Only %1: %n file</numerusform>
            <numerusform>Only %1: %n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilesPage</name>
    <message numerus="yes">
        <source>%n file(s), newest first</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files, newest first</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n file(s)</source>
        <translation>
            <numerusform>%1 of %n file</numerusform>
            <numerusform>%1 of %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n newer file(s) above</source>
        <translation>
            <numerusform>%n newer file above</numerusform>
            <numerusform>%n newer files above</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Finished</name>
    <message numerus="yes">
        <source>On a network share it waits at least %n second(s).</source>
        <translation>
            <numerusform>On a network share it waits at least %n second.</numerusform>
            <numerusform>On a network share it waits at least %n seconds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FolderPage</name>
    <message numerus="yes">
        <source>%n file(s), %1</source>
        <translation>
            <numerusform>%n file, %1</numerusform>
            <numerusform>%n files, %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n temporary or hidden file(s) are left out</source>
        <translation>
            <numerusform>%n temporary or hidden file is left out</numerusform>
            <numerusform>%n temporary or hidden files are left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HelpPage</name>
    <message numerus="yes">
        <source>Write a detailed log for %n minute(s)</source>
        <translation>
            <numerusform>Write a detailed log for %n minute</numerusform>
            <numerusform>Write a detailed log for %n minutes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NowBlock</name>
    <message numerus="yes">
        <source>%n more in the queue</source>
        <translation>
            <numerusform>%n more in the queue</numerusform>
            <numerusform>%n more in the queue</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) in the queue</source>
        <translation>
            <numerusform>%n file in the queue</numerusform>
            <numerusform>%n files in the queue</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProblemsPage</name>
    <message numerus="yes">
        <source>and %n more cause(s)</source>
        <translation>
            <numerusform>and %n more cause</numerusform>
            <numerusform>and %n more causes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProofPage</name>
    <message numerus="yes">
        <source>Start sending %n file(s)</source>
        <translation>
            <numerusform>Start sending %n file</numerusform>
            <numerusform>Start sending %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are waiting in %1 (%2).</source>
        <translation>
            <numerusform>%n file is waiting in %1 (%2).</numerusform>
            <numerusform>%n files are waiting in %1 (%2).</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TopicPicker</name>
    <message numerus="yes">
        <source>Show %n system topic(s)</source>
        <translation>
            <numerusform>Show %n system topic</numerusform>
            <numerusform>Show %n system topics</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrialView</name>
    <message numerus="yes">
        <source>%n result(s): choose a topic for results if they are to be sent.</source>
        <translation>
            <numerusform>%n result: choose a topic for results if they are to be sent.</numerusform>
            <numerusform>%n results: choose a topic for results if they are to be sent.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n result(s) would go to the topic for results.</source>
        <translation>
            <numerusform>%n result would go to the topic for results.</numerusform>
            <numerusform>%n results would go to the topic for results.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WatchDialog</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Send the %n file(s) now</source>
        <translation>
            <numerusform>Send the %n file now</numerusform>
            <numerusform>Send the %n files now</numerusform>
        </translation>
    </message>
</context>
</TS>
