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
        <source>%n file(s) waiting</source>
        <translation>
            <numerusform>%n file waiting</numerusform>
            <numerusform>%n files waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Your files are safe on this computer; %n of them are waiting.</source>
        <translation>
            <numerusform>Your files are safe on this computer; %n of them are waiting.</numerusform>
            <numerusform>Your files are safe on this computer; %n of them are waiting.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FormDialog</name>
    <message numerus="yes">
        <source>%n field(s) need to be corrected first.</source>
        <translation>
            <numerusform>%n field needs to be corrected first.</numerusform>
            <numerusform>%n fields need to be corrected first.</numerusform>
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
</TS>
