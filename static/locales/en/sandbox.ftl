## Products and buying

bank-title = Test bank
bank-pay = The shop wants to charge your card:
bank-keep = The shop wants to keep your card for later payments.
bank-text = A real bank would now ask for a code. This one only asks for your answer; nobody is charged.
bank-approve = Approve
bank-refuse = Refuse
bank-approved = Approved. The shop knows in a moment.
bank-refused = Refused. Nothing is charged.
bank-back = Back to the shop
